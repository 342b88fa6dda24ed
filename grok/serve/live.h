#pragma once
// A run while it is written: one reader for any number of viewers, and none of them misses a
// number. The reader rests fifty times as long as its last look took, so that it takes a fiftieth
// of one core from the training that it watches, as long as a look takes less than 60 ms.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "grok/serve/event_stream.h"
#include "grok/serve/roots.h"

namespace grok::serve {

/// All metrics of one step, as the JSON of an event.
struct LiveRow {
  std::int64_t step = 0;
  std::string json;  // {"step": 100, "metrics": {"train_loss": 0.1, ...}}; NaN is null
};

/// What is known of a run that is watched. Rows come in the order of their steps.
class LiveRun {
 public:
  LiveRun(std::filesystem::path path, std::int64_t after);
  ~LiveRun();

  /// Sends all rows after `after`, then each as it comes, until the run is over (an event "over"),
  /// the file can no longer be read ("lost", with the message), or the stream is closed. "changed"
  /// says that something else than metrics came into the file.
  void follow(std::int64_t after, EventStream& stream);

  /// The least `after` that it can serve.
  std::int64_t begins_after() const { return begins_after_; }
  void stop();

  static constexpr std::chrono::milliseconds shortest_rest{100}, longest_rest{3000};

 private:
  using Rows = std::vector<std::shared_ptr<const LiveRow>>;

  void watch();
  void look();
  void lose(const std::exception& error);
  bool wait(std::chrono::nanoseconds rest);

  const std::filesystem::path path_;
  const std::int64_t begins_after_;
  std::int64_t last_step_;  // of the watching thread alone, as are these two
  std::optional<FileSignature> seen_;
  std::size_t n_events_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  Rows rows_;
  std::int64_t n_changes_ = 0;
  bool is_over_ = false, is_stopping_ = false;
  std::string lost_;
  std::thread thread_;
};

/// The runs that are watched just now; one is given up when its last viewer leaves.
class Live {
 public:
  void follow(const std::filesystem::path& path, std::int64_t after, EventStream& stream);
  /// Ends all streams, also those that are asked for later.
  void stop();

 private:
  std::shared_ptr<LiveRun> watched(const std::filesystem::path& path, std::int64_t after);

  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<LiveRun>> runs_;
  bool is_stopping_ = false;
};

}  // namespace grok::serve
