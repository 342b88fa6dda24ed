// The phases of the paper's main run, from its published curves (digitised from the figures).

#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "grok/analysis/phases.h"
#include "tests/support/reference_data.h"

namespace grok {
namespace {

struct Curve {
  std::vector<std::int64_t> steps;
  std::vector<double> values;
  operator Series() const { return {steps, values}; }
};

// The figures' polylines keep corners only: between them, a record every 50 steps, on straight
// lines in the value (accuracy) or in its logarithm (loss), as the figures draw them.
Curve resampled(const nlohmann::json& figure, bool logarithmic) {
  Curve corners;
  for (const double epoch : figure.at("epoch"))
    corners.steps.push_back(static_cast<std::int64_t>(std::lround(epoch)));
  for (const double value : figure.at("value"))
    corners.values.push_back(logarithmic ? std::log(value) : value);
  Curve out;
  for (std::int64_t t = 0; t <= corners.steps.back(); t += 50) {
    const double value = value_at(corners, static_cast<double>(t));
    out.steps.push_back(t);
    out.values.push_back(logarithmic ? std::exp(value) : value);
  }
  return out;
}

TEST(PhasesParity, of_the_papers_run_are_where_its_authors_saw_them) {
  const auto file = reference_file("curves/mainline_digitised_from_figs.json");
  if (!file) GTEST_SKIP() << "no reference files";
  const auto figures = nlohmann::json::parse(std::ifstream(*file));
  const Curve train_accuracy = resampled(figures.at("trig_acc").at("train_acc"), false);
  const Curve test_accuracy = resampled(figures.at("trig_acc").at("test_acc"), false);
  const Curve test_loss = resampled(figures.at("mod_addition_loss_curve").at("test"), true);
  const Curve excluded = resampled(figures.at("excluded_loss_2D_full").at("excl_full"), true);
  const Phases got = find_phases({train_accuracy, test_accuracy, test_loss, excluded});
  EXPECT_LE(got.memorized_step.value(), 200);
  EXPECT_NEAR(static_cast<double>(got.grok_step.value()), 10500, 100);
  EXPECT_NEAR(static_cast<double>(got.memorization_end.value()), 1400, 150);
  EXPECT_GE(got.circuit_formation_end.value(), 9300);
  EXPECT_LE(got.circuit_formation_end.value(), 10000);
  EXPECT_NEAR(static_cast<double>(got.cleanup_end.value()), 14000, 500);

  const Phases without = find_phases({train_accuracy, test_accuracy, test_loss, {}});
  EXPECT_NEAR(static_cast<double>(without.memorization_end.value()), 1400, 150);
}

}  // namespace
}  // namespace grok
