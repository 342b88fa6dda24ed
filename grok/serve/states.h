#pragma once
// Steps of runs brought back exactly, and what the networks then computed: one replay at a time,
// broken off when nobody waits for it, and the last few kept.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "grok/base/threads.h"
#include "grok/probes/captures.h"
#include "grok/spec/run_spec.h"
#include "grok/tasks/task.h"

namespace grok::serve {

/// One step of a run: its weights, and on demand the values at the hook points that pictures need.
class State {
 public:
  State(RunSpec spec, std::shared_ptr<const TaskData> task, std::int64_t step, Weights weights,
        int n_threads);
  ~State();

  const RunSpec& spec() const { return spec_; }
  const TaskData& task() const { return *task_; }
  std::int64_t step() const { return step_; }
  const Weights& weights() const { return weights_; }
  /// Held while captures are read; a pool has one caller at a time.
  std::mutex& mutex() const { return mutex_; }
  ThreadPool& pool() const { return pool_; }
  /// Logits, last neurons and attention patterns of all examples, and patterns of the sample, as
  /// far as the model has them. The first call runs the passes that are read.
  const Captures& captures() const;

 private:
  RunSpec spec_;
  std::shared_ptr<const TaskData> task_;
  std::int64_t step_;
  Weights weights_;
  mutable std::mutex mutex_;
  mutable ThreadPool pool_;
  mutable std::unique_ptr<Captures> captures_;
};

class States {
 public:
  /// Values at hook points take some 40 MB a step of the paper's run.
  static constexpr std::size_t most_kept = 6;

  explicit States(int n_threads) : n_threads_(n_threads) {}

  /// Told how many steps have been computed, of how many; called on the thread that asked.
  using Progress = std::function<void(std::int64_t done, std::int64_t total)>;

  /// The state after `step` updates: kept, read from a keyframe, or replayed from the nearest.
  ///   is_wanted  asked now and then; once it says false, the work is broken off
  ///   returns    null if it was broken off
  ///   throws     as Replayer
  ///   cost       the training of the steps from the nearest keyframe
  std::shared_ptr<const State> bring_back(const std::filesystem::path& path, std::int64_t step,
                                          const std::function<bool()>& is_wanted,
                                          const Progress& progress);
  /// Null if it is not kept. Of the run that lay at `path` when a step was last brought back.
  std::shared_ptr<const State> kept(const std::filesystem::path& path, std::int64_t step);

 private:
  struct Entry {
    std::filesystem::path path;
    std::string spec_digest;
    std::shared_ptr<const State> state;
  };
  void keep(Entry entry);
  void forget_others(const std::filesystem::path& path, const std::string& spec_digest);
  std::shared_ptr<const TaskData> task_of(const RunSpec& spec);

  int n_threads_;
  std::timed_mutex working_;  // one replay at a time
  std::mutex mutex_;
  std::list<Entry> kept_;  // the one used last in front
  std::string task_spec_;
  std::shared_ptr<const TaskData> task_;  // of the run looked at last
};

}  // namespace grok::serve
