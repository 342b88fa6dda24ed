#include "grok/analysis/changepoint.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "grok/base/error.h"

namespace grok {
namespace {

using Steps = std::vector<std::int64_t>;
using Values = std::vector<double>;

TEST(Series, crosses_a_level_where_it_first_reaches_it) {
  const Steps steps{0, 10, 20, 40};
  const Values values{0, 0.5, 0.99, 0.7};
  EXPECT_EQ(first_at_least({steps, values}, 0.99), 20);
  EXPECT_EQ(first_at_least({steps, values}, 0.991), std::nullopt);
  EXPECT_EQ(first_at_most({steps, values}, -1), std::nullopt);
  EXPECT_EQ(first_at_most({steps, values}, 0), 0);
}

TEST(Series, passes_over_what_is_no_number) {
  const Steps steps{0, 1, 2};
  const Values values{NAN, 2, 1};
  EXPECT_EQ(index_of_largest({steps, values}), 1u);
  EXPECT_EQ(index_of_least({steps, values}), 2u);
  EXPECT_EQ(index_of_least({Steps{0}, Values{NAN}}), std::nullopt);
}

TEST(Series, part_of_it_keeps_both_ends) {
  const Steps steps{0, 10, 20, 40};
  const Values values{1, 2, 3, 4};
  const Series part = between({steps, values}, 10, 39);
  ASSERT_EQ(part.size(), 2u);
  EXPECT_EQ(part.steps[0], 10);
  EXPECT_EQ(part.values[1], 3);
  EXPECT_TRUE(between({steps, values}, 21, 39).empty());
  EXPECT_TRUE(between({steps, values}, 30, 10).empty());
}

TEST(Series, is_straight_between_its_records) {
  const Steps steps{10, 20, 40};
  const Values values{1, 3, -1};
  EXPECT_EQ(value_at({steps, values}, 15), 2);
  EXPECT_EQ(value_at({steps, values}, 35), 0);
  EXPECT_EQ(value_at({steps, values}, 5), 1);
  EXPECT_EQ(value_at({steps, values}, 50), -1);
}

TEST(Series, must_have_rising_steps) {
  const Values values{1, 2};
  EXPECT_THROW(index_of_least({Steps{5, 5}, values}), ContractBroken);
  EXPECT_THROW(index_of_least({Steps{5}, values}), ContractBroken);
}

TEST(SteepestFall, is_the_middle_of_a_smooth_step) {
  Steps steps;
  Values values;
  for (std::int64_t t = 0; t <= 20000; t += 100) {
    steps.push_back(t);
    values.push_back(20 / (1 + std::exp((static_cast<double>(t) - 9500) / 400)));
  }
  EXPECT_NEAR(static_cast<double>(*steepest_fall({steps, values})), 9500, 100);
  for (double& v : values) v = -v;
  EXPECT_EQ(steepest_fall({steps, values}), std::nullopt) << "it only rises";
}

}  // namespace
}  // namespace grok
