#pragma once
// The run that is broken off in every possible way, what an unbroken one comes to, and the store's
// promises as checks. A check returns what is violated, in sentences; nothing if all is well.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "grok/lab/run.h"
#include "grok/lab/testing.h"

namespace grok::faults {

namespace fs = std::filesystem;

using Violations = std::vector<std::string>;

/// What a moment promises once it is acknowledged: that these names stand in the file at its step.
struct KeptMoment {
  std::vector<std::string> metrics, arrays;
  bool has_keyframe = false;
};

/// A run of some milliseconds: six moments while it trains, rows after each keyframe, and key
/// frequencies, so that the closing pass has something to measure.
struct Unbroken {
  RunSpec spec;
  testing::Everything everything;
  std::map<std::int64_t, std::string> keyframes;  // digests
  std::map<std::int64_t, KeptMoment> moments;
  std::vector<std::int64_t> steps() const;  // of the moments
};
/// Computed once in a process.
const Unbroken& unbroken();

/// What a store has said so far, and must keep.
struct Promises {
  bool file_is_there = false;
  std::set<std::int64_t> moments;
  bool run_is_whole = false;
};

/// Writes down what is acknowledged.
class Listener : public RunObserver {
 public:
  explicit Listener(Promises& promises) : promises_(promises) {}
  void on_begin(const RunSpec&, std::int64_t) override { promises_.file_is_there = true; }
  void on_moment(const Moment& moment) override { promises_.moments.insert(moment.step); }

 private:
  Promises& promises_;
};

/// Begins the run at `path`, or goes on with what is there.
RunResult begin_or_go_on(const fs::path& path, RunObserver* observer,
                         const std::atomic<bool>* stop = nullptr);

/// Opens the file as a user would and holds it against the promises. Whatever the file holds must
/// be what the unbroken run holds there, promised or not.
Violations check_promises(const fs::path& path, const Promises& promises);

/// Goes on to the end; what comes out must have the bits of the unbroken run.
Violations check_end(const fs::path& path);

/// Leaves at `path` what a run leaves that is killed right after the moment at `step`, in a child.
/// Returns what it promised.
Promises leave_killed(const fs::path& path, std::int64_t step);
/// The same of a run that its user interrupted after `step` updates.
Promises leave_interrupted(const fs::path& path, std::int64_t step);

/// The files of a directory, by name: to be put back as often as needed.
using Files = std::map<std::string, std::string>;
Files files_in(const fs::path& directory);
/// Makes the directory hold these files and no others.
void put_files(const fs::path& directory, const Files& files);

}  // namespace grok::faults
