// What docs/phase_changes.md promises of the detector: intervals of 90% that hold the truth in 85
// to 95 of 100 draws, and false alarms on fewer than 5 of 100 power laws. Some minutes at most.

#include <iostream>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/synthetic_series.h"

namespace grok {
namespace {

constexpr int first = 1'000'000;  // draws on which nothing was chosen

class PhaseChanges : public ::testing::TestWithParam<StepAxis> {};

void expect_shares(const std::string& of, const Coverage& c, double least, double most) {
  const struct {
    const char* name;
    int held;
  } all[] = {{"onset", c.onset},
             {"steepest", c.steepest},
             {"end", c.end},
             {"drop", c.drop},
             {"sharpness", c.sharpness}};
  std::cout << of << ": " << c.n_found << " found";
  for (const auto& [name, held] : all) {
    const double share = static_cast<double>(held) / c.n_found;
    std::cout << ", " << name << " " << share;
    EXPECT_GE(share, least) << of << " " << name;
    EXPECT_LE(share, most) << of << " " << name;
  }
  std::cout << std::endl;
}

TEST_P(PhaseChanges, have_intervals_that_hold_the_truth_as_often_as_they_say) {
  const Coverages c = coverage_of(first, 1000, GetParam());
  EXPECT_GE(c.all.n_found, 900);
  expect_shares("all", c.all, 0.85, 0.95);
  // The rate is a mean: noise that remembers gets less, the others more.
  for (std::size_t kind = 0; kind < noise_kinds.size(); ++kind)
    expect_shares(noise_kinds[kind], c.of_noise[kind], kind == 1 ? 0.7 : 0.85, 1);
}

TEST_P(PhaseChanges, are_seldom_seen_in_power_laws) {
  const int n = false_alarms(first, 1000, GetParam());
  std::cout << n << " false alarms" << std::endl;
  EXPECT_LT(n, 50);
}

INSTANTIATE_TEST_SUITE_P(Axes, PhaseChanges, ::testing::Values(StepAxis::log_step, StepAxis::step));

}  // namespace
}  // namespace grok
