#include "grok/serve/decimate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/base/rng.h"

namespace grok::serve {
namespace {

struct Points {
  std::vector<std::int64_t> steps;
  std::vector<double> values;
};

// A walk with spikes of one point, which a mean or every n-th point would lose.
Points rough(std::size_t n) {
  Points out;
  const Rng rng(7, "rough");
  for (std::size_t i = 0; i < n; ++i) {
    const auto bits = rng.bits(i);
    out.steps.push_back(static_cast<std::int64_t>(3 * i));
    out.values.push_back(std::sin(static_cast<double>(i) / 50.0) + (bits % 97 == 0 ? 40.0 : 0.0) +
                         static_cast<double>(bits % 1000) / 1e4);
  }
  return out;
}

class Decimation : public ::testing::TestWithParam<Axis> {};

TEST_P(Decimation, keeps_both_ends_rises_and_stays_within_its_size) {
  const Points all = rough(20'000);
  for (const std::size_t n : {1u, 2u, 7u, 100u, 999u}) {
    const std::vector<std::size_t> kept = decimate(all.steps, all.values, n, GetParam());
    EXPECT_EQ(kept.front(), 0U);
    EXPECT_EQ(kept.back(), all.steps.size() - 1);
    EXPECT_LE(kept.size(), 3 * n + 2);
    EXPECT_EQ(std::adjacent_find(kept.begin(), kept.end(), std::greater_equal<>()), kept.end());
  }
}

// What a chart of `n` columns shows of a column is its least and its greatest value.
TEST_P(Decimation, draws_the_least_and_greatest_of_every_column) {
  const Points all = rough(20'000);
  const std::size_t n = 60;
  const std::vector<std::size_t> kept = decimate(all.steps, all.values, n, GetParam());
  const double last = static_cast<double>(all.steps.back());
  const auto column = [&](std::size_t i) {
    const auto step = static_cast<double>(all.steps[i]);
    const double x = GetParam() == Axis::log ? std::log1p(step) / std::log1p(last) : step / last;
    return std::min(n - 1, static_cast<std::size_t>(x * static_cast<double>(n)));
  };
  struct Range {
    double least = std::numeric_limits<double>::infinity(), greatest = -least;
    bool operator==(const Range&) const = default;
  };
  std::vector<Range> of_all(n), of_kept(n);
  const auto see = [&](std::vector<Range>& ranges, std::size_t i) {
    Range& range = ranges[column(i)];
    range.least = std::min(range.least, all.values[i]);
    range.greatest = std::max(range.greatest, all.values[i]);
  };
  for (std::size_t i = 0; i < all.steps.size(); ++i) see(of_all, i);
  for (const std::size_t i : kept) see(of_kept, i);
  EXPECT_EQ(of_all, of_kept);
}

TEST_P(Decimation, of_few_points_keeps_all) {
  const Points all = rough(202);
  EXPECT_EQ(decimate(all.steps, all.values, 100, GetParam()).size(), 202U);
}

TEST_P(Decimation, keeps_a_gap_where_there_is_one) {
  Points all = rough(10'000);
  all.values[5'000] = std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::size_t> kept = decimate(all.steps, all.values, 50, GetParam());
  EXPECT_TRUE(std::binary_search(kept.begin(), kept.end(), 5'000U));
}

TEST_P(Decimation, of_a_curve_that_is_all_gaps_keeps_gaps) {
  Points all = rough(1'000);
  all.values.assign(all.values.size(), std::numeric_limits<double>::quiet_NaN());
  EXPECT_GE(decimate(all.steps, all.values, 10, GetParam()).size(), 3U);
}

INSTANTIATE_TEST_SUITE_P(On, Decimation, ::testing::Values(Axis::linear, Axis::log),
                         [](const auto& tested) {
                           return std::string(tested.param == Axis::log ? "a_log_axis"
                                                                        : "a_linear_axis");
                         });

TEST(Decimate, of_no_points_is_none_and_contracts_hold) {
  EXPECT_TRUE(decimate({}, {}, 10, Axis::log).empty());
  const Points all = rough(10);
  EXPECT_THROW(decimate(all.steps, std::span(all.values).first(9), 10, Axis::log), ContractBroken);
  EXPECT_THROW(decimate(all.steps, all.values, 0, Axis::log), ContractBroken);
}

// One step many times would have an axis without width.
TEST(Decimate, of_a_single_step_does_not_divide_by_nothing) {
  const std::vector<std::int64_t> steps(100, 5);
  const std::vector<double> values(100, 1.0);
  EXPECT_LE(decimate(steps, values, 3, Axis::linear).size(), 4U);
}

TEST(Spread, keeps_both_ends_and_no_more_than_asked) {
  std::vector<std::int64_t> steps(5'000);
  std::iota(steps.begin(), steps.end(), 0);
  for (const Axis axis : {Axis::linear, Axis::log}) {
    for (const std::size_t n : {2u, 3u, 50u, 4999u}) {
      const std::vector<std::size_t> kept = spread(steps, n, axis);
      EXPECT_LE(kept.size(), n);
      EXPECT_EQ(kept.front(), 0U);
      EXPECT_EQ(kept.back(), 4'999U);
      EXPECT_EQ(std::adjacent_find(kept.begin(), kept.end(), std::greater_equal<>()), kept.end());
    }
  }
  EXPECT_EQ(spread(steps, 5'000, Axis::log).size(), 5'000U);
}

TEST(Spread, is_even_along_its_axis) {
  std::vector<std::int64_t> steps(10'000);
  std::iota(steps.begin(), steps.end(), 0);
  const std::vector<std::size_t> linear = spread(steps, 101, Axis::linear);
  for (std::size_t i = 1; i + 1 < linear.size(); ++i)
    EXPECT_NEAR(static_cast<double>(linear[i] - linear[i - 1]), 100, 1);
  const std::vector<std::size_t> log = spread(steps, 41, Axis::log);  // ten to a decade
  const auto early = std::count_if(log.begin(), log.end(), [](std::size_t i) { return i < 100; });
  EXPECT_GE(early, 15);
}

}  // namespace
}  // namespace grok::serve
