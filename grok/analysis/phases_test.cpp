#include "grok/analysis/phases.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace grok {
namespace {

// Curves drawn from corner points: straight in log(value) between them, a record every 100 steps.
struct Curve {
  std::vector<std::int64_t> steps;
  std::vector<double> values;
  operator Series() const { return {steps, values}; }
};

Curve curve(const std::vector<std::pair<double, double>>& corners, std::int64_t last = 30000) {
  Curve out;
  for (std::int64_t t = 0; t <= last; t += 100) {
    const auto x = static_cast<double>(t);
    std::size_t i = 0;
    while (i + 2 < corners.size() && corners[i + 1].first <= x) ++i;
    const auto [x0, y0] = corners[i];
    const auto [x1, y1] = corners[i + 1];
    const double share = std::min(1.0, (x - x0) / (x1 - x0));
    out.steps.push_back(t);
    out.values.push_back(y0 * std::pow(y1 / y0, share));
  }
  return out;
}

const Curve train_accuracy = curve({{0, 0.01}, {200, 1}, {300, 1}});
// The published run's curves, by their main corners (reference/FACTS.md 1.4).
const Curve test_accuracy = curve(
    {{0, 0.009}, {1400, 0.075}, {8000, 0.225}, {9400, 0.517}, {10000, 0.859}, {11000, 0.999}});
const Curve test_loss = curve({{0, 4.77},
                               {200, 16},
                               {1400, 25.7},
                               {4000, 22.1},
                               {6000, 18.9},
                               {8000, 12.2},
                               {9000, 6.7},
                               {9400, 4},
                               {10000, 0.55},
                               {11000, 2.1e-3},
                               {12000, 1.7e-4},
                               {13000, 7.7e-6},
                               {14000, 7.4e-7},
                               {20000, 3.1e-7}});
const Curve excluded = curve({{0, 4.75},
                              {500, 0.657},
                              {1000, 0.338},
                              {1400, 0.316},
                              {2000, 0.392},
                              {4000, 0.95},
                              {8000, 6.87},
                              {10000, 13.4},
                              {14000, 6.2},
                              {20000, 5.9}});
const Curve nowhere;

TEST(Phases, of_the_published_run_are_where_its_authors_saw_them) {
  const Phases got = find_phases({train_accuracy, test_accuracy, test_loss, excluded});
  EXPECT_EQ(got.memorized_step, 200);
  EXPECT_NEAR(static_cast<double>(*got.grok_step), 10900, 150);
  EXPECT_EQ(got.memorization_end, 1400);
  EXPECT_GE(*got.circuit_formation_end, 9200);
  EXPECT_LE(*got.circuit_formation_end, 10000);
  EXPECT_NEAR(static_cast<double>(*got.cleanup_end), 14000, 500);
  EXPECT_EQ(grok_delay(got), *got.grok_step - 200);
}

TEST(Phases, fall_back_on_the_test_loss) {
  const Phases got = find_phases({train_accuracy, test_accuracy, test_loss, nowhere});
  EXPECT_EQ(got.memorization_end, 1400);
  EXPECT_TRUE(got.circuit_formation_end);
}

TEST(Phases, of_a_run_that_never_groks_end_at_most_with_memorization) {
  const Curve low = curve({{0, 0.01}, {30000, 0.2}});
  const Curve flat = curve({{0, 5}, {1400, 25}, {30000, 24}});
  const Phases stuck = find_phases({train_accuracy, low, flat, nowhere});
  EXPECT_TRUE(stuck.memorized_step);
  EXPECT_FALSE(stuck.grok_step || stuck.memorization_end || stuck.circuit_formation_end ||
               stuck.cleanup_end || grok_delay(stuck));
  const Curve rising = curve({{0, 4.75}, {1400, 0.3}, {30000, 3}});
  const Phases on_its_way = find_phases({train_accuracy, low, flat, rising});
  EXPECT_EQ(on_its_way.memorization_end, 1400);
  EXPECT_FALSE(on_its_way.circuit_formation_end);
}

TEST(Phases, of_a_run_that_never_memorizes_are_none) {
  const Curve low = curve({{0, 0.01}, {30000, 0.5}});
  const Phases got = find_phases({low, low, test_loss, excluded});
  EXPECT_FALSE(got.memorized_step || got.grok_step || got.memorization_end);
}

TEST(Phases, of_a_run_that_groks_as_it_memorizes_are_none) {
  const Phases got = find_phases({train_accuracy, train_accuracy, test_loss, excluded});
  EXPECT_EQ(grok_delay(got), 0);
  EXPECT_FALSE(got.memorization_end || got.circuit_formation_end || got.cleanup_end);
}

TEST(Phases, end_without_cleanup_when_the_run_stops_on_the_way_down) {
  const Series whole = test_loss;
  const Phases got =
      find_phases({train_accuracy, test_accuracy, between(whole, 0, 12500), excluded});
  EXPECT_TRUE(got.circuit_formation_end);
  EXPECT_FALSE(got.cleanup_end);
}

}  // namespace
}  // namespace grok
