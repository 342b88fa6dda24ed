#include "grok/cli/chart.h"

#include <limits>

#include <gtest/gtest.h>

#include "grok/cli/format.h"

namespace grok::cli {
namespace {

TEST(Chart, a_falling_curve_is_high_at_its_start_and_low_at_its_end) {
  const std::vector<std::int64_t> steps{1, 10, 100, 1000};
  const std::vector<double> values{10, 1, 0.1, 0.01};
  const std::vector<std::string> lines = chart({{"loss", {steps, values}}});
  ASSERT_GE(lines.size(), 2u);
  ASSERT_LE(lines.size(), 5u);
  // The top line holds blocks at its left end only.
  EXPECT_LT(n_characters(lines[0]), n_characters(lines[lines.size() - 2]));
  EXPECT_NE(lines[0].find("loss"), std::string::npos);
}

TEST(Chart, nothing_positive_draws_nothing) {
  const std::vector<std::int64_t> steps{1, 10};
  const std::vector<double> zero{0, 0};
  EXPECT_TRUE(chart({{"loss", {steps, zero}}}).empty());
  EXPECT_TRUE(chart({}).empty());
}

TEST(Chart, passes_over_numbers_that_are_none) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::int64_t> steps{0, 1, 10, 100};
  const std::vector<double> values{5, 4, 3, nan};
  for (const std::string& line : chart({{"loss", {steps, values}}}))
    EXPECT_EQ(line.find("nan"), std::string::npos) << line;
}

TEST(Chart, is_at_most_ten_lines_for_two_curves) {
  const std::vector<std::int64_t> steps{0, 1, 40000};
  const std::vector<double> values{5, 4, 1e-8};
  EXPECT_EQ(chart({{"train", {steps, values}}, {"test", {steps, values}}}).size(), 9u);
}

}  // namespace
}  // namespace grok::cli
