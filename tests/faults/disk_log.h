#pragma once
// Writes down what a run asks of the disk, and what it promises meanwhile.

#include <variant>
#include <vector>

#include "tests/faults/disk.h"
#include "tests/faults/power_cuts.h"

namespace grok::faults {

/// What was promised at that point.
struct Acknowledgement {
  Promises promises;
};
/// A sync of this file failed.
struct LostSync {
  std::string name;
};
using LogEntry = std::variant<DiskEvent, Acknowledgement, LostSync>;

class DiskLog : public FileWatch, public RunObserver {
 public:
  DiskLog(Promises promises, SyncDefect defect) : promises_(std::move(promises)), defect_(defect) {}

  /// The k-th sync of the log from now on fails.
  void lose_sync(int k) { syncs_until_lost_ = k; }

  Verdict before(const FileOperation& operation) override;
  void after(const FileOperation& operation) override;

  void on_begin(const RunSpec&, std::int64_t) override;
  void on_step(std::int64_t step, double) override;
  void on_moment(const Moment& moment) override;
  void run_is_whole();

  const std::vector<LogEntry>& entries() const { return entries_; }

 private:
  bool is_forgotten(const FileOperation& operation) const;
  void acknowledge();

  Promises promises_;
  SyncDefect defect_;
  int syncs_until_lost_ = 0;
  std::vector<LogEntry> entries_;
};

}  // namespace grok::faults
