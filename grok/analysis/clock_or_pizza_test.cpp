#include "grok/analysis/clock_or_pizza.h"

#include <cmath>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/base/rng.h"

namespace grok {
namespace {

constexpr int p = 23;

double wave(int k, double x) { return std::cos(2 * std::numbers::pi * k * x / p); }

template <class F>
std::vector<double> of_pairs(F f) {
  std::vector<double> out;
  for (int a = 0; a < p; ++a)
    for (int b = 0; b < p; ++b) out.push_back(f(a, b));
  return out;
}

template <class F>
std::vector<double> of_tokens(int width, F f) {
  std::vector<double> out;
  for (int token = 0; token < p; ++token)
    for (int i = 0; i < width; ++i) out.push_back(f(token, i));
  return out;
}

TEST(DistanceIrrelevance, is_nothing_where_the_distance_says_all) {
  EXPECT_NEAR(distance_irrelevance(of_pairs([](int a, int b) { return wave(3, a - b) + 5; }), p), 0,
              1e-12);
}

TEST(DistanceIrrelevance, is_one_where_the_distance_says_nothing) {
  EXPECT_NEAR(distance_irrelevance(of_pairs([](int a, int b) { return 7 * wave(2, a + b); }), p), 1,
              1e-12);
}

// cos(s) + 2 cos(d): deviations 1/sqrt 2 along s, sqrt(5/2) over all.
TEST(DistanceIrrelevance, weighs_one_against_all) {
  const auto values = of_pairs([](int a, int b) { return wave(1, a + b) + 2 * wave(1, a - b); });
  EXPECT_NEAR(distance_irrelevance(values, p), std::sqrt(1.0 / 5), 1e-12);
}

TEST(DistanceIrrelevance, of_equal_values_is_nothing) {
  EXPECT_EQ(distance_irrelevance(std::vector<double>(p * p, 3.0), p), 0);
  EXPECT_THROW(distance_irrelevance(std::vector<double>(16), 4), ContractBroken);
}

// Two circles of different size beside a constant, in fewer and in more columns than tokens.
TEST(Circularity, of_circles_is_one) {
  for (const int width : {6, 40}) {
    const auto rows = of_tokens(width, [](int x, int i) {
      if (i == 0) return 10.0;
      const double turned = i % 2 == 0 ? 0.0 : p / 4.0;
      if (i < 3) return 3 * wave(4, x - turned / 4);
      return i < 5 ? wave(7, x - turned / 7) : 0.0;
    });
    EXPECT_NEAR(circularity(rows, p), 1, 1e-12) << width;
  }
}

// One component alone has variance: three of four count as 0.
TEST(Circularity, of_a_line_is_a_quarter) {
  for (const int width : {1, 6, 40})
    EXPECT_NEAR(
        circularity(of_tokens(width, [](int x, int i) { return i == 0 ? wave(2, x) : 0; }), p),
        0.25, 1e-9)
        << width;
}

TEST(Circularity, of_chance_is_low) {
  const Rng rng(4, "rows");
  for (const int width : {8, 64}) {
    const auto rows = of_tokens(
        width, [&](int x, int i) { return rng.normal(static_cast<std::uint64_t>(x * width + i)); });
    EXPECT_LT(circularity(rows, p), 0.6) << width;
    EXPECT_GT(circularity(rows, p), 0.1) << width;
  }
}

TEST(Circularity, passes_a_nan_on) {
  EXPECT_TRUE(std::isnan(circularity(std::vector<double>(3 * p, NAN), p)));
  EXPECT_TRUE(std::isnan(circularity(std::vector<double>(40 * p, NAN), p)));
  EXPECT_EQ(circularity(std::vector<double>(3 * p, 1.0), p), 0);
}

TEST(EmbeddingCircles, are_found_by_size_with_their_mean) {
  const auto rows = of_tokens(6, [](int x, int i) {
    if (i == 0) return 10.0;
    const double turned = i % 2 == 0 ? 0.0 : p / 4.0;
    if (i < 3) return wave(4, x - turned / 4);
    return i < 5 ? 3 * wave(7, x - turned / 7) : 0.0;
  });
  const auto got = embedding_circles(rows, p);
  ASSERT_EQ(got.size(), 2u);
  EXPECT_EQ(got[0].frequency, 7);
  EXPECT_EQ(got[1].frequency, 4);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool has = i % 6 == 0 || i % 6 == 3 || i % 6 == 4;
    EXPECT_NEAR(got[0].rows[i], has ? rows[i] : 0, 1e-12) << i;
  }
}

TEST(ClockAndPizza, are_told_from_each_other) {
  std::vector<double> clock, pizza;
  for (int a = 0; a < p; ++a)
    for (int b = 0; b < p; ++b)
      for (int c = 0; c < p; ++c) {
        clock.push_back(3 * wave(5, a + b - c) + 1);
        pizza.push_back(std::fabs(wave(5, (a - b) / 2.0)) * wave(5, a + b - c));
      }
  EXPECT_NEAR(clock_and_pizza(clock, p, 5).clock, 1, 1e-12);
  EXPECT_NEAR(clock_and_pizza(pizza, p, 5).pizza, 1, 1e-12);
  // The mean of |cos| over its mean square: (2/pi)^2 / (1/2), up to the sum over p points.
  const double across = 8 / (std::numbers::pi * std::numbers::pi);
  EXPECT_NEAR(clock_and_pizza(clock, p, 5).pizza, across, 0.01);
  EXPECT_NEAR(clock_and_pizza(pizza, p, 5).clock, across, 0.01);
  EXPECT_NEAR(clock_and_pizza(clock, p, 6).clock, 0, 1e-12);
}

}  // namespace
}  // namespace grok
