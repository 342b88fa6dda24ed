#include "tests/faults/disk_log.h"

namespace grok::faults {

bool DiskLog::is_forgotten(const FileOperation& operation) const {
  const bool is_sync = operation.act == FileAct::sync;
  const bool is_directory = operation.act == FileAct::sync_directory;
  switch (defect_) {
    case SyncDefect::syncs_nothing:
      return is_sync || is_directory;
    case SyncDefect::forgets_the_log:
      return is_sync && operation.name == "a.grok-wal";
    case SyncDefect::forgets_the_main_file:
      return is_sync && operation.name == "a.grok";
    case SyncDefect::forgets_the_draft:
      return is_sync && operation.name == "a.grok-new";
    case SyncDefect::forgets_directories:
      return is_directory;
    case SyncDefect::builds_on_a_log_whose_sync_failed:
      return operation.act == FileAct::write && !operation.is_of_sqlite;
    case SyncDefect::none:
    case SyncDefect::acknowledges_before_it_commits:
      break;
  }
  return false;
}

Verdict DiskLog::before(const FileOperation& operation) {
  if (is_forgotten(operation)) return Verdict::pretend;
  const bool is_of_log = operation.act == FileAct::sync && operation.name == "a.grok-wal";
  if (is_of_log && syncs_until_lost_ > 0 && --syncs_until_lost_ == 0) {
    entries_.push_back(LostSync{operation.name});
    return Verdict::fail;
  }
  return Verdict::proceed;
}

void DiskLog::after(const FileOperation& operation) {
  switch (operation.act) {
    case FileAct::create:
    case FileAct::remove:
    case FileAct::write:
    case FileAct::truncate:
    case FileAct::sync:
    case FileAct::rename:
    case FileAct::sync_directory:
      break;
    default:
      return;  // changes nothing on the disk
  }
  const auto* text = reinterpret_cast<const char*>(operation.data.data());
  entries_.push_back(DiskEvent{.act = operation.act,
                               .name = operation.name,
                               .to = operation.to,
                               .offset = operation.offset,
                               .bytes = std::string(text, operation.data.size())});
}

void DiskLog::acknowledge() { entries_.push_back(Acknowledgement{promises_}); }

void DiskLog::on_begin(const RunSpec&, std::int64_t) {
  promises_.file_is_there = true;
  acknowledge();
}

void DiskLog::on_step(std::int64_t step, double) {
  if (defect_ != SyncDefect::acknowledges_before_it_commits) return;
  if (!unbroken().moments.contains(step)) return;
  promises_.moments.insert(step);
  acknowledge();
}

void DiskLog::on_moment(const Moment& moment) {
  promises_.moments.insert(moment.step);
  acknowledge();
}

void DiskLog::run_is_whole() {
  promises_.run_is_whole = true;
  acknowledge();
}

}  // namespace grok::faults
