#pragma once
// Steps as a user names them, and the weights of any of them.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "grok/base/threads.h"
#include "grok/lab/replayer.h"
#include "grok/store/run_file.h"

namespace grok::cli {

/// "last" (the last keyframe), or a number.
///   throws   Error{usage} if it is neither; Error{not_found} if the run has no such step
std::int64_t step_named(const RunFile& file, const std::string& text);

/// "all" (the keyframes), or a list of what step_named takes, sorted; "last" if the list is empty.
std::vector<std::int64_t> steps_named(const RunFile& file, const std::vector<std::string>& list);

/// The weights of a run's steps: of a keyframe as they stand in the file, of others replayed.
class StepWeights {
 public:
  /// `file` must outlive it.
  ///   n_threads   0: one per core
  explicit StepWeights(const RunFile& file, int n_threads = 0)
      : file_(file), n_threads_(n_threads) {}

  /// Cheapest in the order of the steps. throws as Replayer
  Weights at(std::int64_t step);

 private:
  const RunFile& file_;
  int n_threads_;
  std::unique_ptr<ThreadPool> pool_;  // both null until a step must be replayed
  std::unique_ptr<Replayer> replayer_;
};

}  // namespace grok::cli
