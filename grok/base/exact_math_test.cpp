#include "grok/base/exact_math.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "grok/base/error.h"

namespace grok {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// Distance from the true value, in units of the last place of the nearest double.
double ulps(double got, long double want) {
  const auto rounded = static_cast<double>(want);
  const double unit = std::nextafter(std::fabs(rounded), infinity) - std::fabs(rounded);
  return static_cast<double>(std::fabs(static_cast<long double>(got) - want)) / unit;
}

// A sequence of well-spread numbers in [0, 1).
double spread(int i) { return std::fmod(0.5 + 0.6180339887498949 * i, 1.0); }

TEST(ExactMath, exp_is_within_one_ulp) {
  double worst = 0;
  for (int i = 0; i < 400000; ++i) {
    const double x = -707 + 1416 * spread(i);
    worst = std::max(worst, ulps(exact_exp(x), std::exp(static_cast<long double>(x))));
    const double small = x * 0x1p-12;
    worst = std::max(worst, ulps(exact_exp(small), std::exp(static_cast<long double>(small))));
  }
  EXPECT_LT(worst, 1.0);
}

TEST(ExactMath, exp_at_the_edges) {
  EXPECT_EQ(exact_exp(0.0), 1.0);
  EXPECT_EQ(exact_exp(-infinity), 0.0);
  EXPECT_EQ(exact_exp(infinity), infinity);
  EXPECT_EQ(exact_exp(709.7827), std::exp(709.7827));
  EXPECT_NEAR(exact_exp(-745.0), 0x1p-1074, 0x1p-1074);
  EXPECT_TRUE(std::isnan(exact_exp(std::nan(""))));
}

TEST(ExactMath, many_exps_at_once_are_the_same_bits) {
  std::vector<double> near, far{800.0, -800.0, -744.0, 709.0, 1.0, infinity, -infinity};
  for (int i = 0; i < 1001; ++i) near.push_back(1400 * spread(i) - 700);
  for (const auto& x : {near, far}) {
    std::vector<double> got(x.size());
    exact_exp(x, got);
    for (std::size_t i = 0; i < x.size(); ++i) EXPECT_EQ(got[i], exact_exp(x[i])) << x[i];
  }
  std::vector<double> too_short(3);
  EXPECT_THROW(exact_exp(near, too_short), ContractBroken);
}

TEST(ExactMath, log_is_within_one_ulp) {
  double worst = 0;
  for (int i = 1; i < 400000; ++i) {
    const double x = std::ldexp(0.5 + spread(i), i % 2000 - 1000);
    worst = std::max(worst, ulps(exact_log(x), std::log(static_cast<long double>(x))));
    const double near_one = 0.6 + spread(i);
    worst =
        std::max(worst, ulps(exact_log(near_one), std::log(static_cast<long double>(near_one))));
  }
  EXPECT_LT(worst, 1.0);
}

TEST(ExactMath, log_at_the_edges) {
  EXPECT_EQ(exact_log(1.0), 0.0);
  EXPECT_EQ(exact_log(0.0), -infinity);
  EXPECT_EQ(exact_log(infinity), infinity);
  EXPECT_TRUE(std::isnan(exact_log(-1.0)));
  EXPECT_DOUBLE_EQ(exact_log(0x1p-1074), -1074 * std::log(2.0));
}

TEST(ExactMath, log1p_keeps_small_numbers) {
  double worst = 0;
  for (int i = 1; i < 400000; ++i) {
    const double x = std::ldexp(spread(i) - 0.5, 1 - i % 60);
    worst = std::max(worst, ulps(exact_log1p(x), std::log1p(static_cast<long double>(x))));
    const double large = std::ldexp(0.5 + spread(i), i % 100);
    worst = std::max(worst, ulps(exact_log1p(large), std::log1p(static_cast<long double>(large))));
  }
  EXPECT_LT(worst, 2.0);
  EXPECT_EQ(exact_log1p(1e-300), 1e-300);
  EXPECT_EQ(exact_log1p(infinity), infinity);
  EXPECT_EQ(exact_log1p(-1.0), -infinity);
}

TEST(ExactMath, cos_and_sin_are_within_two_ulps) {
  constexpr long double turn = 6.283185307179586476925286766559L;
  double worst = 0;
  for (int i = 0; i < 400000; ++i) {
    const double u = spread(i);
    const CosSin got = exact_cos_sin_2pi(u);
    // Near its zeros the oracle itself suffers from its rounded angle, so reduce it first.
    const double quarters = std::nearbyint(4 * u);
    const long double t = turn * static_cast<long double>(u - 0.25 * quarters);
    const int quarter = static_cast<int>(quarters);
    const long double c = quarter % 2 == 0 ? std::cos(t) : std::sin(t);
    const long double s = quarter % 2 == 0 ? std::sin(t) : std::cos(t);
    worst = std::max(worst, ulps(std::fabs(got.cos), std::fabs(c)));
    worst = std::max(worst, ulps(std::fabs(got.sin), std::fabs(s)));
  }
  EXPECT_LT(worst, 2.0);
}

TEST(ExactMath, cos_and_sin_have_the_signs_of_their_quadrants) {
  for (int i = 0; i < 1000; ++i) {
    const double u = 8 * spread(i) - 4;
    const CosSin got = exact_cos_sin_2pi(u);
    EXPECT_NEAR(got.cos, std::cos(u * 2 * M_PI), 1e-14);
    EXPECT_NEAR(got.sin, std::sin(u * 2 * M_PI), 1e-14);
  }
  EXPECT_EQ(exact_cos_sin_2pi(0.25).cos, 0.0);
  EXPECT_EQ(exact_cos_sin_2pi(0.5).cos, -1.0);
  EXPECT_EQ(exact_cos_sin_2pi(-0.25).sin, -1.0);
  EXPECT_TRUE(std::isnan(exact_cos_sin_2pi(infinity).cos));
}

TEST(ExactMath, parts_of_a_circle_are_symmetric) {
  for (int k = 1; k < 113; ++k) {
    const CosSin a = exact_cos_sin_of_part(k, 113);
    const CosSin b = exact_cos_sin_of_part(-k + 113 * 5, 113);
    EXPECT_EQ(a.cos, b.cos);
    EXPECT_EQ(a.sin, -b.sin);
    EXPECT_NEAR(a.cos, std::cos(2 * M_PI * k / 113), 1e-15);
    EXPECT_NEAR(a.sin, std::sin(2 * M_PI * k / 113), 1e-15);
  }
}

// Recorded bits: a change of compiler, flags or machine must not move them.
TEST(ExactMath, gives_the_recorded_bits) {
  std::uint64_t digest = 0;
  const auto add = [&](double x) {
    digest = (digest ^ std::bit_cast<std::uint64_t>(x)) * 0x100000001b3ULL;
    digest ^= digest >> 29;
  };
  for (int i = 0; i < 10000; ++i) {
    add(exact_exp(100 * spread(i) - 80));
    add(exact_log(1e-9 + 5 * spread(i)));
    add(exact_log1p(3 * spread(i) - 0.9));
    const CosSin cs = exact_cos_sin_2pi(spread(i));
    add(cs.cos);
    add(cs.sin);
  }
  EXPECT_EQ(digest, 13411150360837703419ULL);
}

}  // namespace
}  // namespace grok
