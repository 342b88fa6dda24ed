#pragma once
// A training run in which each file operation fails in turn, and what must hold after each.

#include "tests/faults/fault_plan.h"
#include "tests/faults/small_run.h"

namespace grok::faults {

/// Which session of a run meets the faults.
enum class Stage {
  first,           // from nothing to the end
  after_a_kill,    // goes on from what a killed program left
  over_leftovers,  // begins where files of a deleted run lie about
};

/// What is wrong with the store under test. All but `none` must be found.
enum class StoreDefect {
  none,
  ignores_failed_writes,
  acknowledges_before_it_commits,
  resume_omits_rows,    // goes on from the last keyframe, and passes over a record
  resume_doubles_rows,  // and measures once more what was measured
};

struct FaultSweep {
  Violations violations;  // each begins with where it happened
  int n_faults = 0;       // operations that failed
  int n_errors = 0;       // how many of them ended the session with an error
};

/// Fails the operations first, first + stride, first + 2 stride, ... until the session needs fewer.
/// After each: the failure is one grok::Error that names the file and a cause, or none at all; the
/// file opens and keeps its promises; once the fault is gone, the run ends with the right bits.
FaultSweep fail_operations(Stage stage, Fault fault, int first, int stride,
                           StoreDefect defect = StoreDefect::none);

}  // namespace grok::faults
