#pragma once
// `grokscope train` and `grokscope resume`, killed by kill -9 at random instants of their lives,
// and what must hold after each kill and at the end.

#include <cstdint>

#include "tests/faults/small_run.h"

namespace grok::faults {

/// What is wrong with the program under test. All but `none` must be found.
enum class KillDefect {
  none,
  loses_what_it_acknowledged,  // since the last checkpoint
  resume_omits_rows,
  resume_doubles_events,
};

struct Kills {
  Violations violations;
  int n_kills = 0;  // that came before the program had ended
  int n_runs = 0;   // broken off at least once, gone on with and compared
  int n_before_the_file = 0, n_in_training = 0, n_in_closing = 0;  // where the kills fell
};

/// Begins runs, kills them and goes on with them until `n_kills` kills have hit.
Kills kill_runs(int n_kills, std::uint64_t seed, KillDefect defect = KillDefect::none);

}  // namespace grok::faults
