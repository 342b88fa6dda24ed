#include "tests/faults/fault_plan.h"

namespace grok::faults {

Verdict FaultPlan::before(const FileOperation& operation) {
  if (!counts(operation)) return Verdict::proceed;
  ++n_seen_;
  const bool goes_on = fault_ == Fault::full_from_then_on;
  const bool strikes = goes_on ? n_seen_ >= k_ : n_seen_ == k_;
  return strikes ? verdict_on(operation) : Verdict::proceed;
}

bool FaultPlan::counts(const FileOperation& operation) const {
  // SQLite passes over directories that cannot be synced, as on some file systems none can.
  if (operation.act == FileAct::sync_directory && operation.is_of_sqlite) return false;
  switch (fault_) {
    case Fault::die:
      return true;
    case Fault::io_error_once:
      // No system fails to let go of a lock on shared memory, and SQLite does not look: it would
      // wait ten seconds for itself.
      return operation.act != FileAct::unlock_shared;
    case Fault::short_write:
      return operation.act == FileAct::write;
    case Fault::full_once:
    case Fault::full_from_then_on:
      return operation.needs_space;
  }
  return false;
}

Verdict FaultPlan::verdict_on(const FileOperation& operation) const {
  const bool lies =
      honesty_ == Honesty::says_a_failed_write_was_done && operation.act == FileAct::write;
  switch (fault_) {
    case Fault::die:
      return Verdict::die;
    case Fault::short_write:
      return lies ? Verdict::half_and_pretend : Verdict::half;
    case Fault::full_once:
    case Fault::full_from_then_on:
      return lies ? Verdict::pretend : Verdict::fail_full;
    case Fault::io_error_once:
      return lies ? Verdict::pretend : Verdict::fail;
  }
  return Verdict::proceed;
}

}  // namespace grok::faults
