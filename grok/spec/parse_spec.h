#pragma once
// From text to a checked `RunSpec`. This folder knows no task and no model: the caller supplies
// what the catalogues hold.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grok/spec/expectation.h"
#include "grok/spec/run_spec.h"
#include "grok/spec/schema.h"
#include "grok/spec/spec_file.h"
#include "grok/spec/study.h"

namespace grok {

/// The names of one catalogue, and the schema of each entry (without "name").
struct CatalogSchema {
  std::vector<std::string> names;
  /// Called only with one of `names`; lives as long as the program.
  std::function<const Schema*(std::string_view name)> schema;
};

/// All that a spec may say, beside [train] and [record].
struct SpecSchema {
  CatalogSchema task, model, loss, terms, optim;
  /// What record.probes may list. Empty: not checked.
  std::vector<std::string> probe_names = {};
  /// The metrics that train.stop_when may name. Empty: not checked.
  std::vector<std::string> stop_metrics = {};
  /// Checks what no section can check alone. Called only when all sections are sound. May be empty;
  /// keys are given in full: mistakes.add("train.batch", ...).
  std::function<void(const RunSpec&, Mistakes&)> check = {};
};

/// The spec that a TOML text with overrides ("section.key=value") describes, completed by its
/// defaults.
///
///   source_name   what a message calls the text, mostly its path
///   throws        Error{usage} whose message lists all mistakes, one a line:
///                 specs/a.toml:7: optim.lr: expected a number above 0, found "1e-3" (a string)
RunSpec parse_spec(std::string_view toml_text, const std::string& source_name,
                   std::span<const std::string> overrides, const SpecSchema& schema);

/// The same from a file, which may extend another: extends = "NAME", before its sections, stands
/// for all that the spec of that name says and this one does not.
///   throws   also as spec_path, Error{unavailable}
RunSpec load_spec(const std::string& spec, std::span<const std::string> preset_dirs,
                  std::span<const std::string> overrides, const SpecSchema& schema);

/// What the run of a spec's file should come to: its own tables [[expect]], in their order.
///   throws   as load_spec
std::vector<Expectation> load_expectations(const std::string& spec,
                                           std::span<const std::string> preset_dirs);

/// What is asked of many runs of a spec's file: its own tables [[study]], in their order.
///   throws   as load_spec
std::vector<Study> load_studies(const std::string& spec, std::span<const std::string> preset_dirs);

}  // namespace grok
