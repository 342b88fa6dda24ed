#pragma once
// The text of a spec and its overrides, read into sections of entries with their places, before
// anything is known of what they mean. The only part of grokscope that touches the TOML library.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grok/spec/mistakes.h"
#include "grok/spec/schema.h"

namespace grok {

/// Section name to its entries, in no order that means anything: mistakes are sorted by place.
using Sections = std::map<std::string, std::vector<FoundEntry>, std::less<>>;

struct SpecSource {
  Sections sections;
  /// What the text begins with: extends = "NAME", another spec that it changes. Empty: none.
  std::string extends = {};
  /// The tables [[expect]], what a preset's run should come to (expectation.h), and [[study]], what
  /// is asked of many runs of it (study.h). No part of the spec.
  std::vector<std::vector<FoundEntry>> expected = {}, studies = {};
};

/// Reads TOML that consists of the given sections, after `extends`, before any such table. Unknown
/// sections and stray keys go to `mistakes`, as does the place of every section and key. Throws
/// Error{usage} with line and column if the text is not TOML.
SpecSource read_toml(std::string_view text, const std::string& source_name,
                     std::span<const std::string> section_names, Mistakes& mistakes);

/// `over` put over `base`: key by key, but a section that names another entry of its catalogue
/// replaces the whole of it, since other keys belong to it.
Sections put_over(Sections base, const Sections& over);

/// The value that a text typed on a command line stands for: a TOML value; a bare word, also in a
/// list, is a string. Nothing if it is neither.
std::optional<Found> typed_value(const std::string& text);

/// Puts "section.key=value" over what was read. The value is as
/// typed_value reads it: record.keyframes=log, record.probes=[gini, weight_norms]. With another
/// name than the section's, what stands there yields.
void apply_override(std::string_view override_text, int order,
                    std::span<const std::string> section_names, Sections& sections,
                    Mistakes& mistakes);

}  // namespace grok
