// kill -9 at any instant: nothing that was acknowledged is lost, and the run that is gone on with
// is the run that was never broken off.

#include "tests/faults/kills.h"

#include <cstdio>

#include <gtest/gtest.h>

#include "tests/faults/print_violations.h"

namespace grok::faults {
namespace {

Kills kill_and_print(int n_kills, std::uint64_t seed) {
  const Kills kills = kill_runs(n_kills, seed);
  EXPECT_TRUE(none(kills.violations));
  EXPECT_EQ(kills.n_kills, n_kills);
  EXPECT_GT(kills.n_in_training, 0);
  std::printf("%d kills of %d runs: %d before there was a file, %d in training, %d in closing\n",
              kills.n_kills, kills.n_runs, kills.n_before_the_file, kills.n_in_training,
              kills.n_in_closing);
  return kills;
}

TEST(Kill9, at_any_instant_loses_and_doubles_nothing) { kill_and_print(50, 1); }

TEST(LongKill9, at_any_instant_loses_and_doubles_nothing) {
  const Kills kills = kill_and_print(1000, 2);
  EXPECT_GT(kills.n_before_the_file, 0);
  EXPECT_GT(kills.n_in_closing, 0);
}

TEST(Kill9, would_show_a_program_that_loses_what_it_acknowledged) {
  EXPECT_FALSE(kill_runs(8, 3, KillDefect::loses_what_it_acknowledged).violations.empty());
}

TEST(Kill9, would_show_a_resume_that_omits_rows) {
  EXPECT_FALSE(kill_runs(1, 4, KillDefect::resume_omits_rows).violations.empty());
}

TEST(Kill9, would_show_a_resume_that_doubles_events) {
  EXPECT_FALSE(kill_runs(1, 5, KillDefect::resume_doubles_events).violations.empty());
}

}  // namespace
}  // namespace grok::faults
