#pragma once
// Power cuts at any point of a run, on a disk that keeps what was synced and no more than chance of
// the rest, and what must hold after each.

#include <cstdint>

#include "tests/faults/small_run.h"

namespace grok::faults {

/// What the program does while the power fails.
enum class CutStage {
  first,               // a run from nothing to the end, the closing pass and the last checkpoint
  after_a_kill,        // goes on from what a killed program left
  after_an_interrupt,  // goes on from a file that was closed
  over_leftovers,      // begins where files of a deleted run lie about
  after_a_lost_sync,   // a sync of the log fails, and the next program goes on
};

/// What is wrong with the store under test. All but `none` must be found.
enum class SyncDefect {
  none,
  syncs_nothing,
  forgets_the_log,
  forgets_the_main_file,
  forgets_the_draft,
  forgets_directories,
  builds_on_a_log_whose_sync_failed,
  acknowledges_before_it_commits,
};

struct PowerCuts {
  Violations violations;
  int n_states = 0;   // opened and checked
  int n_absent = 0;   // of these, how many before the file's name was durable
  int n_resumed = 0;  // of these, how many went on to the end, too
};

/// Cuts the power `n_states` times, at random points, and each time opens what is left: it must be
/// undamaged and hold every moment acknowledged before. Every `resume_every`-th goes on to the end.
PowerCuts cut_power(CutStage stage, int n_states, int resume_every, std::uint64_t seed,
                    SyncDefect defect = SyncDefect::none);

}  // namespace grok::faults
