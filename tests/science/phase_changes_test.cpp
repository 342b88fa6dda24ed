// What docs/phase_changes.md promises of the detector: intervals of 90% that hold the truth in 85
// to 95 of 100 draws, and false alarms on fewer than 5 of 100 power laws. Some minutes at most.

#include <gtest/gtest.h>

#include "tests/support/synthetic_series.h"

namespace grok {
namespace {

class PhaseChanges : public ::testing::TestWithParam<StepAxis> {};

TEST_P(PhaseChanges, have_intervals_that_hold_the_truth_as_often_as_they_say) {
  const Coverage c = coverage_of(1000, GetParam());
  EXPECT_GE(c.n_found, 900);
  const struct {
    const char* name;
    int held;
  } all[] = {{"onset", c.onset},
             {"steepest", c.steepest},
             {"end", c.end},
             {"drop", c.drop},
             {"sharpness", c.sharpness}};
  for (const auto& [name, held] : all) {
    const double share = static_cast<double>(held) / c.n_found;
    RecordProperty(name, std::to_string(share));
    EXPECT_GE(share, 0.85) << name;
    EXPECT_LE(share, 0.95) << name;
  }
}

TEST_P(PhaseChanges, are_seldom_seen_in_power_laws) {
  EXPECT_LT(false_alarms(1000, GetParam()), 50);
}

INSTANTIATE_TEST_SUITE_P(Axes, PhaseChanges, ::testing::Values(StepAxis::log_step, StepAxis::step));

}  // namespace
}  // namespace grok
