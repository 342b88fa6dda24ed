// The power fails: what was acknowledged is on the disk, and the file opens.

#include "tests/faults/power_cuts.h"

#include <cstdio>

#include <gtest/gtest.h>

#include "tests/faults/print_violations.h"

namespace grok::faults {
namespace {

constexpr CutStage all_stages[] = {CutStage::first, CutStage::after_a_kill,
                                   CutStage::after_an_interrupt, CutStage::over_leftovers,
                                   CutStage::after_a_lost_sync};

const char* name_of(CutStage stage) {
  constexpr const char* names[] = {"first", "after a kill", "after an interrupt", "over leftovers",
                                   "after a lost sync"};
  return names[static_cast<int>(stage)];
}

void cut_in_all_stages(int n_states, int resume_every, std::uint64_t seed) {
  for (const CutStage stage : all_stages) {
    const PowerCuts cuts = cut_power(stage, n_states, resume_every, seed);
    EXPECT_TRUE(none(cuts.violations)) << name_of(stage);
    EXPECT_EQ(cuts.n_states, n_states);
    std::printf("%s: %d states, %d without the file, %d resumed\n", name_of(stage), cuts.n_states,
                cuts.n_absent, cuts.n_resumed);
  }
}

TEST(PowerCuts, lose_nothing_that_was_acknowledged) { cut_in_all_stages(100, 5, 1); }

TEST(LongPowerCuts, lose_nothing_that_was_acknowledged) { cut_in_all_stages(2000, 10, 2); }

struct Planted {
  SyncDefect defect;
  const char* name;
};

TEST(PowerCuts, would_show_a_store_that_does_not_wait_for_the_disk) {
  for (const auto& [defect, name] :
       {Planted{SyncDefect::syncs_nothing, "syncs nothing"},
        Planted{SyncDefect::forgets_the_log, "forgets the log"},
        Planted{SyncDefect::forgets_the_main_file, "forgets the main file"},
        Planted{SyncDefect::forgets_the_draft, "forgets the draft"},
        Planted{SyncDefect::forgets_directories, "forgets directories"},
        Planted{SyncDefect::acknowledges_before_it_commits, "acknowledges too early"}}) {
    const PowerCuts cuts = cut_power(CutStage::first, 100, 1000, 3, defect);
    EXPECT_FALSE(cuts.violations.empty()) << name;
    std::printf("%s: %d violations\n", name, static_cast<int>(cuts.violations.size()));
  }
}

TEST(PowerCuts, would_show_a_store_that_builds_on_a_log_whose_sync_failed) {
  EXPECT_FALSE(cut_power(CutStage::after_a_lost_sync, 100, 1000, 4,
                         SyncDefect::builds_on_a_log_whose_sync_failed)
                   .violations.empty());
}

}  // namespace
}  // namespace grok::faults
