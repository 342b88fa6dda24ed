#pragma once
// Has one file operation fail, the k-th of those that can fail that way.

#include <cstdint>

#include "tests/faults/file_watch.h"

namespace grok::faults {

enum class Fault {
  die,                // the process ends, in the middle of a write
  short_write,        // half of the bytes, then an I/O error
  full_once,          // ENOSPC, and then there is room again
  full_from_then_on,  // ENOSPC until the plan is at its end
  io_error_once,      // EIO, whatever the operation
};

/// Whether the one who watches is as wrong as a store that does not look at what a write returns.
enum class Honesty { honest, says_a_failed_write_was_done };

class FaultPlan : public FileWatch {
 public:
  /// k counts from 1.
  FaultPlan(Fault fault, int k, Honesty honesty = Honesty::honest)
      : fault_(fault), k_(k), honesty_(honesty) {}

  Verdict before(const FileOperation& operation) override;

  /// Whether the k-th operation came.
  bool has_struck() const { return n_seen_ >= k_; }

 private:
  bool counts(const FileOperation& operation) const;
  Verdict verdict_on(const FileOperation& operation) const;

  Fault fault_;
  int k_;
  Honesty honesty_;
  int n_seen_ = 0;
};

}  // namespace grok::faults
