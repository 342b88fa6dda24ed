#pragma once
// A run as a value: everything that decides what a run does, and nothing else. Equal specs give
// equal runs, bit for bit, so the digest of a spec is the run's id. The number of threads is no
// part of it, since results do not depend on it.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "grok/spec/params.h"

namespace grok {

/// Seven sections. Those of task, model, loss and optimizer come from the catalogues and hold their
/// entry's "name" beside its params. Complete: defaults are filled in.
struct RunSpec {
  Params task, model, loss;
  /// Terms of the loss beside the loss itself, each under a label of the user's: of a section
  /// [terms.LABEL] the keys "LABEL.key", "LABEL.name" among them. Mostly empty, and then not
  /// written.
  Params terms;
  Params optim, train, record;
  /// Of a run that was forked from another: the digest of its parent's spec, the step at which they
  /// part, the edits made there, the weights that stay as they are since (fork_schema.h). Empty for
  /// a run that begins with its model's first weights. No section of a spec that people write.
  Params fork;

  friend bool operator==(const RunSpec&, const RunSpec&) = default;
};

struct SectionRef {
  const char* name;
  Params RunSpec::*params;
  bool may_be_empty = false;
};

/// The sections in the order in which a spec is written.
inline constexpr std::array<SectionRef, 7> spec_sections{{{"task", &RunSpec::task},
                                                          {"model", &RunSpec::model},
                                                          {"loss", &RunSpec::loss},
                                                          {"terms", &RunSpec::terms, true},
                                                          {"optim", &RunSpec::optim},
                                                          {"train", &RunSpec::train},
                                                          {"record", &RunSpec::record}}};

/// The labels of the terms, each once, in order.
std::vector<std::string> term_labels(const Params& terms);
/// What a label may consist of: letters, digits, _ and -.
bool is_term_label(std::string_view text);

/// The step at which a run begins: 0, or where it was forked.
std::int64_t first_step(const RunSpec& spec);

/// The one JSON text of a spec: no spaces, keys sorted, each number as the shortest text that reads
/// back the same, reals always with a point or an exponent. Equal specs, and only they, have equal
/// texts.
std::string canonical_json(const RunSpec& spec);

/// The spec whose canonical JSON this is. Needs no schema, so it reads the specs of runs whose task
/// or model this version no longer has. Throws Error{damaged} if the text is not canonical.
RunSpec from_canonical_json(std::string_view text);

/// SHA-256 of the canonical JSON, as 64 hexadecimal digits: the id of the run.
std::string spec_digest(const RunSpec& spec);

}  // namespace grok
