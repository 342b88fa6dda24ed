#pragma once
// A run from its spec to its file: trains, records at the spec's schedules, ends, measures what
// can only be known at the end. Metrics at step s are those of the weights after s updates.

#include <atomic>
#include <cstdint>
#include <filesystem>

#include "grok/lab/ending.h"
#include "grok/spec/run_spec.h"
#include "grok/store/moment.h"

namespace grok {

/// Told what a run does, on the thread that called `run`. Cannot change the run.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  /// Once, before the first update: where training begins, which is past 0 on a resumed run.
  virtual void on_begin(const RunSpec& /*spec*/, std::int64_t /*step*/) {}
  /// After each update, with the loss before it.
  virtual void on_step(std::int64_t /*step*/, double /*train_loss*/) {}
  /// When a moment has been kept.
  virtual void on_moment(const Moment& /*moment*/) {}
  /// While what needs the key frequencies is measured: keyframes done, of how many.
  virtual void on_closing(int /*n_done*/, int /*n_total*/) {}
};

struct RunOptions {
  int n_threads = 0;                        // 0: one per core
  RunObserver* observer = nullptr;          // may be null
  const std::atomic<bool>* stop = nullptr;  // set from anywhere, a signal handler too; may be null
};

struct RunResult {
  Ending ending = Ending::done;
  std::int64_t step = 0;        // updates made
  std::int64_t first_step = 0;  // where this call began to train
  bool is_closed = false;       // key frequencies and phases are in the file; false if interrupted
};

/// Trains the run that `spec` describes into the file at `path`. If a run of the same spec is there
/// already, goes on with it: what comes out has the same bits as a run without a break.
///
///   throws   Error{usage} if another spec's run is at `path`, else as RunFile does; whatever was
///            kept before stays in the file. Error{unsupported} if the run there was begun under
///            another plan version, whose bits this version cannot continue
RunResult run(const RunSpec& spec, const std::filesystem::path& path, const RunOptions& options);

/// Goes on with a run from its last keyframe; does nothing if it is over.
RunResult resume(const std::filesystem::path& path, const RunOptions& options);

}  // namespace grok
