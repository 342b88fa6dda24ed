#pragma once
// Runs that the page has started: each trains in a thread of its own, at most a few at once, and
// can be stopped so that it can be resumed.

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "grok/lab/run.h"

namespace grok::serve {

struct TrainingState {
  std::filesystem::path path;
  bool is_running = false;
  std::string error;  // of a run that failed, or could not begin
};

class Trainings {
 public:
  /// Each takes all cores of a step; more at once would only slow each other down.
  static constexpr std::size_t most_at_once = 4;

  explicit Trainings(int n_threads) : n_threads_(n_threads) {}
  /// Stops all and waits for them.
  ~Trainings();

  using Train = std::function<RunResult(const RunOptions& options)>;

  /// Begins to train into the file at `path`.
  ///   throws   Error: usage if that file is trained already; unavailable if too many are
  void start(const std::filesystem::path& path, Train train);
  /// Asks a run to stop at its next step. False if it does not train here.
  bool stop(const std::filesystem::path& path);
  /// All that were started, the latest last.
  std::vector<TrainingState> states() const;

 private:
  struct Training {
    std::filesystem::path path;
    std::atomic<bool> stop = false, is_running = true;
    std::string error;  // written before is_running is cleared, read after
    std::thread thread;
  };

  int n_threads_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Training>> trainings_;
};

}  // namespace grok::serve
