#include "grok/lab/sweep_check.h"

#include <optional>
#include <set>

#include "grok/base/error.h"
#include "grok/lab/parts_fit.h"
#include "grok/lab/spec_difference.h"
#include "grok/lab/spec_schema.h"
#include "grok/lab/sweep_names.h"
#include "grok/store/run_file.h"

namespace grok {
namespace {

namespace fs = std::filesystem;

constexpr int most_lines = 10;

bool is_begun(const fs::path& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
}

std::optional<RunSpec> spec_in(const fs::path& path) {
  try {
    return stored_spec(RunFile::open(path, Access::read).spec_json());
  } catch (const Error&) {
    return std::nullopt;
  }
}

// Whether parts fit together is no matter of chance.
RunSpec without_seeds(RunSpec spec) {
  for (const SectionRef& section : spec_sections) {
    const Params before = spec.*section.params;
    for (const auto& [key, value] : before)
      if (is_seed(key)) (spec.*section.params).set(key, std::int64_t{0});
  }
  return spec;
}

// The mistake of a run, or nothing.
std::string mistake_in(const SweepRun& run) {
  try {
    require_parts_fit(run.spec);
    return "";
  } catch (const Error& error) {
    if (error.code() != ErrorCode::usage) throw;
    return run.name + ": " + error.what();
  }
}

}  // namespace

void check_runs(const SweepPlan& plan, const fs::path& folder) {
  std::set<std::string> seen;
  std::string mistakes;
  int n_lines = 0;
  for (const SweepRun& run : plan.runs) {
    const fs::path path = folder / (run.name + ".grok");
    if (is_begun(path)) {
      const std::optional<RunSpec> there = spec_in(path);
      if (there && *there != run.spec) throw another_spec(path, *there, run.spec);
    } else if (n_lines < most_lines &&
               seen.insert(canonical_json(without_seeds(run.spec))).second) {
      const std::string line = mistake_in(run);
      if (line.empty()) continue;
      mistakes += (mistakes.empty() ? "" : "\n") + line;
      ++n_lines;
    }
  }
  if (!mistakes.empty()) throw Error(ErrorCode::usage, mistakes);
}

}  // namespace grok
