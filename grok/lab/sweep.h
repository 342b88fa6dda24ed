#pragma once
// Many runs at once, each on one core and in its own file. A run that fails is a row of the table,
// not the end of the sweep.
//
// The runs share one process: each has a thread with a trainer, a pool of one and a file of its
// own, and they touch nothing in common. What the world can do to a run (a full disk, a damaged
// file, a loss that is no number, memory that is refused) is an exception or an ending, which stops
// at its thread. What kills the process loses nothing that was acknowledged: the same sweep goes
// on.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "grok/lab/sweep_plan.h"
#include "grok/lab/sweep_row.h"

namespace grok {

/// How far a sweep is.
struct SweepState {
  std::size_t n_runs = 0, n_running = 0, n_ended = 0, n_failed = 0;  // failed ones have ended too
  std::int64_t steps_done = 0;                                       // by this call
  std::int64_t steps_left = 0;  // at most, in all runs that have not ended
};

/// Told what a sweep does, on the thread that called `run_sweep`.
class SweepObserver {
 public:
  virtual ~SweepObserver() = default;
  /// A run has come to its end, has failed, was interrupted, or had ended before.
  virtual void on_row(const SweepRun& /*run*/, const SweepRow& /*row*/,
                      const SweepState& /*state*/) {}
  /// Some ten times a second.
  virtual void on_tick(const SweepState& /*state*/) {}
};

struct SweepOptions {
  int n_jobs = 0;                           // runs at once; 0: one per core
  SweepObserver* observer = nullptr;        // may be null
  const std::atomic<bool>* stop = nullptr;  // set from anywhere, a signal handler too; may be null
};

/// Runs what is missing, goes on with what was interrupted, and passes over what is finished, into
/// FOLDER/NAME.grok. FOLDER, made if it is not there, gets a table sweep.csv (sweep_table.h), which
/// is replaced as runs end; what it says of runs of earlier sweeps it goes on saying.
///
///   returns  one row for each run, in the order of the plan, for any number of jobs
///   throws   Error: usage, with nothing touched, if parts of a spec do not fit together, a file
///            there holds a run of another spec, or sweep.csv is something else; what creating the
///            folder or writing the table meets; unavailable, if another sweep works in the
///            folder. What a run meets stands in its row
std::vector<SweepRow> run_sweep(const SweepPlan& plan, const std::filesystem::path& folder,
                                const SweepOptions& options);

}  // namespace grok
