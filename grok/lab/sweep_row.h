#pragma once
// One run of a sweep, from its spec to what is told of it.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "grok/lab/run.h"
#include "grok/lab/sweep_plan.h"

namespace grok {

/// What a run has come to. All but `ending` and `error` are as in RunSummary.
struct SweepRow {
  /// As name_of(Ending); "interrupted" also for a run whose closing pass is not complete; "failed"
  /// with an error; empty if the run was not begun.
  std::string ending;
  std::optional<std::int64_t> steps;
  std::optional<double> seconds;
  std::optional<double> train_loss, test_loss, train_accuracy, test_accuracy;
  std::optional<std::int64_t> memorized_step, grok_step, grok_delay;
  std::vector<int> key_frequencies;
  std::string weights_digest;
  std::string error;  // one line

  bool is_failed() const { return ending == "failed"; }
  /// True if nothing is left to do for this run.
  bool is_finished() const { return !ending.empty() && ending != "interrupted" && !is_failed(); }
};

/// Runs one run of a sweep to its end, or goes on with it; only reads it if it is finished.
/// Whatever goes wrong stops here and is in the row.
SweepRow run_row(const SweepRun& run, const std::filesystem::path& path,
                 const RunOptions& options) noexcept;

}  // namespace grok
