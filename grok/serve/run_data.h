#pragma once
// What a run file says, read once and kept until the file changes: many requests, few readings.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "grok/lab/curves.h"
#include "grok/lab/summary.h"
#include "grok/serve/roots.h"
#include "grok/store/run_file.h"

namespace grok::serve {

/// All but arrays and weights. Curves hold replayed points beside those recorded in passing.
struct RunData {
  FileSignature signature;
  RunSummary summary;
  std::map<std::string, Curve, std::less<>> curves;
  std::vector<std::string> array_names;
  std::vector<std::int64_t> keyframes;
  std::vector<Event> events;
};

/// throws   as RunFile and summarize do
RunData read_run(const std::filesystem::path& path);

/// For many threads. A file that is read by one is waited for by the others.
class RunCache {
 public:
  static constexpr std::size_t most_kept = 64;

  /// throws   Error: not_found if the file is gone; else as read_run
  std::shared_ptr<const RunData> get(const std::filesystem::path& path);

 private:
  struct Slot {
    std::mutex mutex;
    std::shared_ptr<const RunData> data;
    std::uint64_t used = 0;
  };
  std::shared_ptr<Slot> slot(const std::string& key);

  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Slot>> slots_;
  std::uint64_t clock_ = 0;
};

}  // namespace grok::serve
