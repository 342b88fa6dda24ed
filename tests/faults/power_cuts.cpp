#include "tests/faults/power_cuts.h"

#include <algorithm>
#include <stdexcept>

#include "grok/base/error.h"
#include "tests/faults/disk_log.h"

namespace grok::faults {
namespace {

// A session, from what was on the disk when it began.
struct Recording {
  Files files;
  Promises promises;
  std::vector<LogEntry> entries;
};

void prepare(CutStage stage, const fs::path& path, Recording& out) {
  if (stage == CutStage::after_a_kill) out.promises = leave_killed(path, 16);
  if (stage == CutStage::after_an_interrupt) out.promises = leave_interrupted(path, 13);
  if (stage != CutStage::over_leftovers) return;
  leave_killed(path, 16);
  fs::remove(path);
  write_text(path.string() + "-new", "half a file");
}

void run_to_the_end(const fs::path& path, DiskLog& log) {
  if (!begin_or_go_on(path, &log).is_closed) throw std::logic_error("the run did not end");
  log.run_is_whole();
}

Recording record(CutStage stage, SyncDefect defect, int lost_sync) {
  const TemporaryDirectory directory(in_memory());
  const fs::path path = directory / "a.grok";
  Recording out;
  prepare(stage, path, out);
  out.files = files_in(directory.path());
  DiskLog log(out.promises, defect);
  const Watching watching(log);
  if (stage == CutStage::after_a_lost_sync) {
    log.lose_sync(lost_sync);
    try {
      run_to_the_end(path, log);
      throw std::logic_error("no sync was lost");
    } catch (const Error&) {
      // As it should be; the next program goes on.
    }
  }
  run_to_the_end(path, log);
  out.entries = log.entries();
  return out;
}

// Half of the cuts anywhere, half where something has just been settled: most of a log are writes.
std::vector<std::size_t> points_to_cut(const std::vector<LogEntry>& entries, int n, Draws& draws) {
  std::vector<std::size_t> settled;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto* event = std::get_if<DiskEvent>(&entries[i]);
    if (!event || event->act != FileAct::write) settled.push_back(i + 1);
  }
  std::vector<std::size_t> out;
  for (int i = 0; i < n; ++i)
    out.push_back(i % 2 == 0 ? draws.below(entries.size() + 1)
                             : settled[draws.below(settled.size())]);
  std::sort(out.begin(), out.end());
  return out;
}

// Files that are not in the log: the index of the write-ahead log may hold anything after a cut.
void add_by_chance(Files& files, Draws& draws) {
  files.erase("a.grok-shm");
  files.erase("a.grok-lock");
  if (draws.once_in(2)) files["a.grok-lock"] = "";
  if (!draws.once_in(2)) return;
  std::string noise(32768, '\0');
  for (char& c : noise) c = static_cast<char>(draws.below(256));
  files["a.grok-shm"] = noise;
}

class Cutter {
 public:
  Cutter(Recording recording, std::uint64_t seed)
      : recording_(std::move(recording)),
        disk_(recording_.files),
        promises_(recording_.promises),
        draws_(seed, "power cuts") {}

  void cut(int n_states, int resume_every, PowerCuts& out) {
    for (const std::size_t point : points_to_cut(recording_.entries, n_states, draws_)) {
      while (n_applied_ < point) apply(recording_.entries[n_applied_++]);
      Files files = disk_.cut(draws_);
      add_by_chance(files, draws_);
      put_files(directory_.path(), files);
      ++out.n_states;
      out.n_absent += files.contains("a.grok") ? 0 : 1;
      note(check_promises(path_, promises_), out);
      if (out.n_states % resume_every != 0) continue;
      ++out.n_resumed;
      note(check_end(path_), out);
    }
  }

 private:
  void apply(const LogEntry& entry) {
    if (const auto* event = std::get_if<DiskEvent>(&entry)) disk_.apply(*event);
    if (const auto* said = std::get_if<Acknowledgement>(&entry)) promises_ = said->promises;
    if (const auto* lost = std::get_if<LostSync>(&entry)) disk_.lose(lost->name, draws_);
  }

  void note(const Violations& found, PowerCuts& out) const {
    for (const std::string& violation : found)
      out.violations.push_back("cut at " + std::to_string(n_applied_) + " of " +
                               std::to_string(recording_.entries.size()) + ": " + violation);
  }

  const Recording recording_;
  Disk disk_;
  Promises promises_;
  Draws draws_;
  std::size_t n_applied_ = 0;
  const TemporaryDirectory directory_{in_memory()};
  const fs::path path_ = directory_ / "a.grok";
};

}  // namespace

PowerCuts cut_power(CutStage stage, int n_states, int resume_every, std::uint64_t seed,
                    SyncDefect defect) {
  static_cast<void>(unbroken());
  PowerCuts out;
  const int n_recordings = stage == CutStage::after_a_lost_sync ? 4 : 1;
  for (int i = 0; i < n_recordings; ++i) {
    Cutter cutter(record(stage, defect, 2 + i), seed + static_cast<std::uint64_t>(i));
    cutter.cut(n_states / n_recordings, resume_every, out);
  }
  return out;
}

}  // namespace grok::faults
