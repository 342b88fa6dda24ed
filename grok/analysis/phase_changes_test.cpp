#include "grok/analysis/phase_changes.h"

#include <cmath>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/base/rng.h"
#include "tests/support/synthetic_series.h"

namespace grok {
namespace {

SyntheticSeries made(std::vector<std::int64_t> steps, const std::function<double(double)>& curve,
                     double noise = 0) {
  const Rng rng(3, "made");
  SyntheticSeries out{.steps = std::move(steps)};
  for (std::size_t i = 0; i < out.steps.size(); ++i)
    out.values.push_back(curve(static_cast<double>(out.steps[i])) + noise * rng.normal(i));
  return out;
}

// Progress of a logistic change in the logarithm of the count.
double logistic(double step, double centre, double scale) {
  return 1 / (1 + std::exp(-(std::log1p(step) - std::log1p(centre)) / scale));
}

double fall_at_1000(double step) { return 3 - 2.5 * logistic(step, 1000, 0.05); }

TEST(PhaseChanges, are_found_to_the_digits_where_there_is_no_noise) {
  const SyntheticSeries s = made(record_steps(5000, 400, 0), fall_at_1000);
  const PhaseChanges found = phase_changes(s.series());
  ASSERT_EQ(found.changes.size(), 1u);
  const PhaseChange& c = found.changes[0];
  const double way = std::exp(0.05 * std::log(9.0));  // from 10% to the centre
  EXPECT_NEAR(c.onset.value, 1001 / way - 1, 3);
  EXPECT_NEAR(c.steepest.value, 1000, 3);
  EXPECT_NEAR(c.end->value, 1001 * way - 1, 3);
  EXPECT_NEAR(c.drop.value, 2.5, 0.01);
  EXPECT_NEAR(c.before, 3, 0.01);
  EXPECT_NEAR(c.after, 0.5, 0.01);
  EXPECT_NEAR(c.sharpness.value, std::tanh(std::log(1.5) / 0.2), 0.003);
  EXPECT_TRUE(c.is_resolved);
  EXPECT_TRUE(found.spikes.empty());
  EXPECT_EQ(found.n_records, 400u);
}

TEST(PhaseChanges, may_rise) {
  const SyntheticSeries s = made(
      record_steps(5000, 300, 2), [](double t) { return logistic(t, 1000, 0.1); }, 0.02);
  const PhaseChanges found = phase_changes(s.series());
  ASSERT_EQ(found.changes.size(), 1u);
  EXPECT_NEAR(found.changes[0].drop.value, -1, 0.05);
  EXPECT_NEAR(found.changes[0].steepest.value, 1000, 60);
}

TEST(PhaseChanges, are_found_one_by_one) {
  const auto curve = [](double t) {
    return 4 - 2 * logistic(t, 100, 0.08) - logistic(t, 900, 0.03) + 2 * logistic(t, 5000, 0.06);
  };
  const PhaseChanges found = phase_changes(made(record_steps(20000, 800, 1), curve, 0.03).series());
  ASSERT_EQ(found.changes.size(), 3u);
  EXPECT_NEAR(found.changes[0].steepest.value, 100, 5);
  EXPECT_NEAR(found.changes[1].steepest.value, 900, 30);
  EXPECT_NEAR(found.changes[2].steepest.value, 5000, 250);
  EXPECT_NEAR(found.changes[0].drop.value, 2, 0.15);
  EXPECT_NEAR(found.changes[1].drop.value, 1, 0.1);
  EXPECT_NEAR(found.changes[2].drop.value, -2, 0.15);
}

TEST(PhaseChanges, are_none_where_a_curve_is_smooth) {
  const std::vector<std::function<double(double)>> curves{
      [](double t) { return std::pow(1 + t, -0.4); },
      [](double t) { return 1 / (1 + t / 300); },
      [](double t) { return std::exp(-t / 2000); },
      [](double t) { return 5 - std::log1p(t); },
      [](double) { return 0.1; },
      [](double t) { return 2 - logistic(t, 2000, 0.6); }};  // 10% to 90%: a factor of 14
  for (std::size_t i = 0; i < curves.size(); ++i)
    for (const double noise : {0.0, 0.02}) {
      const SyntheticSeries s = made(record_steps(20000, 400, 2), curves[i], noise);
      EXPECT_TRUE(phase_changes(s.series()).changes.empty()) << i << " noise " << noise;
    }
}

TEST(PhaseChanges, must_have_a_before_and_an_after) {
  const auto curve = [](double t) { return logistic(t, 3, 0.1); };  // over by the third record
  EXPECT_TRUE(phase_changes(made(record_steps(5000, 100, 0), curve).series()).changes.empty());
  const auto late = [](double t) { return logistic(t, 5100, 0.02); };
  EXPECT_TRUE(phase_changes(made(record_steps(5000, 200, 0), late).series()).changes.empty());
}

TEST(PhaseChanges, have_no_end_if_the_series_ends_first) {
  const auto curve = [](double t) { return logistic(t, 4500, 0.1); };
  const PhaseChanges found = phase_changes(made(record_steps(5000, 300, 0), curve).series());
  ASSERT_EQ(found.changes.size(), 1u);
  EXPECT_FALSE(found.changes[0].end);
  EXPECT_NEAR(found.changes[0].onset.value, 3600, 150);
}

// Between two records anything may have happened: the interval is their gap.
TEST(PhaseChanges, that_are_sharper_than_the_records_lie_between_two_of_them) {
  const auto curve = [](double t) { return t < 1234 ? 2.0 : 1.0; };
  const PhaseChanges found = phase_changes(made(record_steps(5000, 51, 0), curve, 0.001).series());
  ASSERT_EQ(found.changes.size(), 1u);
  const PhaseChange& c = found.changes[0];
  EXPECT_FALSE(c.is_resolved);
  EXPECT_LE(c.steepest.low, 1200 + 1e-6);
  EXPECT_GE(c.steepest.high, 1300 - 1e-6);
  EXPECT_GE(c.onset.low, 1100 - 1e-6);
  EXPECT_LE(c.end->high, 1400 + 1e-6);
  EXPECT_NEAR(c.drop.value, 1, 0.01);
}

TEST(PhaseChanges, are_not_moved_by_spikes) {
  SyntheticSeries s = made(record_steps(5000, 400, 0), fall_at_1000, 0.02);
  const PhaseChanges without = phase_changes(s.series());
  for (const std::size_t i : {70u, 83u, 84u, 300u}) s.values[i] += 40;
  const PhaseChanges with = phase_changes(s.series());
  ASSERT_EQ(with.spikes.size(), 3u);
  ASSERT_EQ(with.changes.size(), 1u);
  EXPECT_NEAR(with.changes[0].steepest.value, without.changes[0].steepest.value, 6);
  EXPECT_NEAR(with.changes[0].drop.value, without.changes[0].drop.value, 0.03);
}

TEST(PhaseChanges, pass_over_what_is_no_number) {
  SyntheticSeries s = made(record_steps(5000, 400, 0), fall_at_1000);
  for (std::size_t i = 0; i < s.values.size(); i += 7) s.values[i] = NAN;
  const PhaseChanges found = phase_changes(s.series());
  EXPECT_EQ(found.n_records, 400u - 58u);
  ASSERT_EQ(found.changes.size(), 1u);
  EXPECT_NEAR(found.changes[0].steepest.value, 1000, 3);
  s.values.assign(400, NAN);
  EXPECT_TRUE(phase_changes(s.series()).changes.empty());
  EXPECT_TRUE(phase_changes({}).changes.empty());
}

// Steepest per step comes before steepest per logarithm: by the scale squared, of a logistic.
TEST(PhaseChanges, are_steepest_where_the_axis_says) {
  const auto curve = [](double t) { return -std::exp(-5 * logistic(t, 1000, 0.1)); };
  const SyntheticSeries s = made(record_steps(4000, 800, 0), curve);
  ChangeOptions options;
  const PhaseChanges log = phase_changes(s.series(), options);
  options.axis = StepAxis::step;
  const PhaseChanges step = phase_changes(s.series(), options);
  ASSERT_EQ(log.changes.size(), 1u);
  ASSERT_EQ(step.changes.size(), 1u);
  EXPECT_LT(step.changes[0].steepest.value, log.changes[0].steepest.value);
  EXPECT_NEAR(step.changes[0].onset.value, log.changes[0].onset.value, 40);
}

TEST(PhaseChanges, of_the_logarithm_are_changes_of_the_order_of_magnitude) {
  const auto curve = [](double t) { return std::exp(-2 - 9 * logistic(t, 1000, 0.1)); };
  SyntheticSeries s = made(record_steps(9000, 300, 2), curve);
  s.values[5] = -1;  // has no logarithm
  ChangeOptions options;
  options.scale = ValueScale::logarithmic;
  const PhaseChanges found = phase_changes(s.series(), options);
  ASSERT_EQ(found.changes.size(), 1u);
  EXPECT_NEAR(found.changes[0].steepest.value, 1000, 10);
  EXPECT_NEAR(found.changes[0].drop.value, 9, 0.05);
  EXPECT_EQ(found.n_records, s.steps.size() - 1);
}

TEST(PhaseChanges, are_the_same_whenever_they_are_asked_for) {
  const SyntheticSeries s = series_with_change(5, StepAxis::log_step);
  const PhaseChanges a = phase_changes(s.series()), b = phase_changes(s.series());
  ASSERT_EQ(a.changes.size(), b.changes.size());
  for (std::size_t i = 0; i < a.changes.size(); ++i) {
    EXPECT_EQ(a.changes[i].onset.low, b.changes[i].onset.low);
    EXPECT_EQ(a.changes[i].sharpness.high, b.changes[i].sharpness.high);
  }
}

TEST(PhaseChanges, want_steps_that_rise) {
  const std::vector<std::int64_t> steps{0, 5, 5};
  const std::vector<double> values{1, 2, 3};
  EXPECT_THROW(phase_changes({steps, values}), ContractBroken);
  ChangeOptions options;
  options.confidence = 1;
  EXPECT_THROW(phase_changes({}, options), ContractBroken);
}

// The whole of it is tests/science/phase_changes_test.cpp. Of 150 draws at a coverage of 90%, three
// standard deviations either way are 82.6% to 97.4%.
TEST(PhaseChanges, have_intervals_that_hold_the_truth) {
  const Coverage c = coverage_of(0, 150, StepAxis::log_step).all;
  EXPECT_GE(c.n_found, 135);
  const double n = c.n_found;
  for (const int held : {c.onset, c.steepest, c.end, c.drop, c.sharpness}) {
    EXPECT_GE(held / n, 0.82);
    EXPECT_LE(held / n, 0.98);
  }
}

TEST(PhaseChanges, are_seldom_seen_in_power_laws) {
  EXPECT_LE(false_alarms(0, 200, StepAxis::log_step), 10);
}

}  // namespace
}  // namespace grok
