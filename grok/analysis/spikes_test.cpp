#include "grok/analysis/spikes.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "grok/base/rng.h"

namespace grok {
namespace {

struct Made {
  std::vector<std::int64_t> steps;
  std::vector<double> values;
  Series series() const { return {steps, values}; }
};

// A slow power law, recorded every `every` steps, with noise of that share of its value.
Made decline(std::int64_t every, double noise) {
  const Rng rng(1, "decline");
  Made out;
  for (std::int64_t t = 0; t <= 300 * every; t += every) {
    out.steps.push_back(t);
    out.values.push_back(std::pow(1.0 + static_cast<double>(t), -0.5) *
                         (1 + noise * rng.normal(out.steps.size())));
  }
  return out;
}

TEST(Spikes, are_none_in_a_smooth_or_a_noisy_decline) {
  EXPECT_TRUE(find_spikes(decline(10, 0).series()).empty());
  EXPECT_TRUE(find_spikes(decline(10, 0.1).series()).empty());
}

TEST(Spikes, are_told_with_their_extent_and_height) {
  Made made = decline(10, 0.02);
  const double level = made.values[200];
  for (const std::size_t i : {200u, 201u, 202u}) made.values[i] *= 30;
  made.values[201] *= 2;
  made.values[60] /= 10;
  const std::vector<Spike> found = find_spikes(made.series());
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].peak, 600);
  EXPECT_LT(found[0].value, found[0].level);
  EXPECT_EQ(found[1].from, 2000);
  EXPECT_EQ(found[1].to, 2020);
  EXPECT_EQ(found[1].peak, 2010);
  EXPECT_NEAR(found[1].level, level, 0.05 * level);
  EXPECT_EQ(found[1].value, made.values[201]);
}

// A slingshot of the loss: up within a record, back over a dozen.
TEST(Spikes, may_come_back_slowly) {
  Made made = decline(10, 0);
  for (std::size_t k = 0; k < 12; ++k)
    made.values[250 + k] += 20 * std::exp(-static_cast<double>(k) / 2);
  const std::vector<Spike> found = find_spikes(made.series());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].from, 2500);
  EXPECT_EQ(found[0].peak, 2500);
  EXPECT_GE(found[0].to, 2580);
}

TEST(Spikes, are_no_steps_that_last) {
  Made made = decline(10, 0.02);
  for (std::size_t i = 150; i < made.values.size(); ++i) made.values[i] /= 50;
  EXPECT_TRUE(find_spikes(made.series()).empty());
  made = decline(10, 0.02);
  made.values.back() *= 50;  // nothing tells whether it would have come back
  EXPECT_TRUE(find_spikes(made.series()).empty());
}

TEST(Spikes, are_measured_against_the_range_where_values_may_be_zero) {
  Made made;
  for (std::int64_t t = 0; t < 100; ++t) {
    made.steps.push_back(10 * t);
    made.values.push_back(t < 40 ? 0 : 1);
  }
  EXPECT_TRUE(find_spikes(made.series()).empty());
  made.values[80] = 0.2;  // an accuracy that falls for one record
  made.values[90] = 0.95;
  const std::vector<Spike> found = find_spikes(made.series());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].peak, 800);
  EXPECT_EQ(found[0].level, 1);
}

TEST(Spikes, pass_over_what_is_no_number) {
  Made made = decline(10, 0.02);
  made.values[100] = NAN;
  made.values[200] = INFINITY;
  EXPECT_TRUE(find_spikes(made.series()).empty());
  EXPECT_TRUE(find_spikes({}).empty());
}

}  // namespace
}  // namespace grok
