#include "grok/cli/chart.h"

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

}  // namespace
}  // namespace grok::cli
