// The changes that others saw in their curves, found in those curves.

#include <cmath>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "grok/analysis/phase_changes.h"
#include "tests/support/reference_curve.h"

namespace grok {
namespace {

constexpr const char* digits = "5_digit_addition_infinite_per_token";

std::string text_of(const Estimate& e) {
  const auto step = [](double x) { return std::to_string(std::llround(x)); };
  return step(e.value) + " [" + step(e.low) + ", " + step(e.high) + "]";
}

// For the table of docs/phase_changes.md.
PhaseChanges told(const std::string& name, PhaseChanges found) {
  for (const PhaseChange& c : found.changes)
    std::cout << name << ": onset " << text_of(c.onset) << ", steepest " << text_of(c.steepest)
              << ", end " << (c.end ? text_of(*c.end) : "none") << std::endl;
  return found;
}

PhaseChanges changes_of(const std::string& file, const std::string& curve,
                        const ChangeOptions& options = {}) {
  const ReferenceCurve found = reference_curve(file, curve).value();
  return told(file + ", " + curve, phase_changes({found.steps, found.values}, options));
}

class PhaseChangesParity : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!reference_file("curves/skip_trigram_infinite.json")) GTEST_SKIP() << "no reference files";
  }
};

// Steepest hundred steps of each answer token, from the most significant on (Nanda's saved run).
TEST_F(PhaseChangesParity, of_five_digit_addition_come_token_by_token) {
  const std::vector<double> published{227, 395, 1542, 1511, 986, 1631};
  for (std::size_t k = 0; k < published.size(); ++k) {
    const PhaseChanges found = changes_of(digits, "token_" + std::to_string(k) + "_loss");
    const PhaseChange* near = nullptr;
    for (const PhaseChange& c : found.changes)
      if (std::abs(c.steepest.value - published[k]) <= 0.1 * published[k]) near = &c;
    ASSERT_TRUE(near) << k;
    EXPECT_GT(near->drop.value, 0.4) << k;
    // Beside it at most a fall of the first steps.
    for (const PhaseChange& c : found.changes)
      EXPECT_TRUE(&c == near || c.steepest.value < 0.2 * published[k]) << k;
  }
  // The units go to nothing, the others first to about ln 2: the carry is still unknown.
  EXPECT_LT(changes_of(digits, "token_5_loss").changes.back().after, 0.2);
  EXPECT_NEAR(changes_of(digits, "token_4_loss").changes.back().after, std::log(2.0), 0.4);
}

TEST_F(PhaseChangesParity, of_induction_is_where_its_heads_form) {
  const PhaseChanges found = changes_of("induction_head_infinite", "train_losses");
  ASSERT_EQ(found.changes.size(), 1u);
  const PhaseChange& c = found.changes[0];
  EXPECT_GE(c.steepest.low, 780);
  EXPECT_LE(c.steepest.high, 950);
  EXPECT_NEAR(c.onset.value, 780, 40);
  EXPECT_NEAR(c.end->value, 950, 60);
}

TEST_F(PhaseChangesParity, of_skip_trigrams_is_about_step_237) {
  const PhaseChanges found = changes_of("skip_trigram_infinite", "train_loss");
  ASSERT_EQ(found.changes.size(), 1u);
  EXPECT_LT(found.changes[0].onset.high, 237);
  EXPECT_GT(found.changes[0].end->low, 237);
  EXPECT_NEAR(found.changes[0].steepest.value, 237, 24);
}

// With nine tenths of the pairs to train on and no weight decay, both losses fall together at the
// hundredth step; from there to 1.7e-10 they decline smoothly.
TEST_F(PhaseChangesParity, of_the_run_without_weight_decay_are_none_after_it_has_learnt) {
  for (const char* curve : {"train_losses", "test_losses"}) {
    const PhaseChanges found = changes_of("mod_addition_no_wd", curve);
    ASSERT_EQ(found.changes.size(), 1u) << curve;
    EXPECT_NEAR(found.changes[0].steepest.value, 100, 10) << curve;
    EXPECT_LT(found.changes[0].end->high, 130) << curve;
  }
  ChangeOptions orders;
  orders.scale = ValueScale::logarithmic;
  const PhaseChanges train = changes_of("mod_addition_no_wd", "train_losses", orders);
  for (const PhaseChange& c : train.changes) EXPECT_LT(c.end->value, 200);
}

TEST_F(PhaseChangesParity, of_weight_decay_a_tenth_as_strong_are_memory_and_late_grokking) {
  const PhaseChanges found = changes_of("wd_10-1_mod_addition_loss_curve", "test_losses");
  ASSERT_GE(found.changes.size(), 2u);
  EXPECT_LT(found.changes.front().drop.value, 0) << "memory makes the test loss worse";
  const PhaseChange& last = found.changes.back();
  EXPECT_LT(last.onset.value, last.steepest.value);
  EXPECT_NEAR(last.end->value, 90890, 1500) << "test loss first below 1";
}

// The paper's run, digitised: its authors draw their lines at 1,400 and 9,400 (and 14,000).
TEST_F(PhaseChangesParity, of_the_papers_run_are_steepest_where_cleanup_begins) {
  const auto file = reference_file("curves/mainline_digitised_from_figs.json").value();
  const auto figures = nlohmann::json::parse(std::ifstream(file));
  const auto resampled = [&](const char* figure, const char* curve, bool is_log) {
    const nlohmann::json& drawn = figures.at(figure).at(curve);
    ReferenceCurve corners, out;
    for (const double epoch : drawn.at("epoch"))
      corners.steps.push_back(static_cast<std::int64_t>(std::lround(epoch)));
    for (const double value : drawn.at("value"))
      corners.values.push_back(is_log ? std::log(value) : value);
    for (std::int64_t t = 0; t <= corners.steps.back(); t += 50) {
      const double v = value_at({corners.steps, corners.values}, static_cast<double>(t));
      out.steps.push_back(t);
      out.values.push_back(is_log ? std::exp(v) : v);
    }
    return out;
  };
  const ReferenceCurve loss = resampled("mod_addition_loss_curve", "test", true);
  const ReferenceCurve accuracy = resampled("trig_acc", "test_acc", false);
  for (const ReferenceCurve* curve : {&loss, &accuracy}) {
    const PhaseChanges found = told(curve == &loss ? "the paper's test loss" : "its test accuracy",
                                    phase_changes({curve->steps, curve->values}));
    ASSERT_FALSE(found.changes.empty());
    const PhaseChange& last = found.changes.back();
    EXPECT_NEAR(last.steepest.value, 9400, 500);
    EXPECT_GT(last.onset.value, 1400);
    EXPECT_LT(last.end->value, 11000);
  }
}

}  // namespace
}  // namespace grok
