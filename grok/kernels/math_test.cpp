#include "grok/kernels/math.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "grok/kernels/testing.h"

namespace grok {
namespace {

using namespace grok::testing;

/// The largest error of `got` in units in the last place of the exact value.
template <class T, class Exact>
double largest_error(const std::vector<T>& x, const std::vector<T>& got, Exact exact) {
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const long double want = exact(static_cast<long double>(x[i]));
    const T rounded = static_cast<T>(want);
    const T next = std::nextafter(std::abs(rounded), std::numeric_limits<T>::infinity());
    if (!std::isfinite(next)) continue;
    const long double unit = static_cast<long double>(next) - std::abs(rounded);
    worst = std::max(worst, static_cast<double>(std::abs(got[i] - want) / unit));
  }
  return worst;
}

template <class T>
std::vector<T> spread(std::int64_t n, double low, double high) {
  std::vector<T> x = random_numbers<T>(n, 7);
  for (T& v : x) v = static_cast<T>(low + (static_cast<double>(v) + 1) / 2 * (high - low));
  return x;
}

/// Positive numbers of all magnitudes, denormals included.
template <class T>
std::vector<T> magnitudes(std::int64_t n) {
  std::vector<T> x =
      spread<T>(n, std::numeric_limits<T>::min_exponent - 20, std::numeric_limits<T>::max_exponent);
  for (T& v : x) v = std::exp2(v);
  return x;
}

using Function = long double (*)(long double);
template <class T>
using ArrayFunction = void (*)(std::span<const T>, std::span<T>) noexcept;

template <class T>
void expect_error_below(const std::vector<T>& x, ArrayFunction<T> fast, Function exact,
                        double limit) {
  for_each_target([&](std::string_view target) {
    if (target == "portable") return;
    std::vector<T> got(x.size());
    fast(x, got);
    const double worst = largest_error(x, got, exact);
    EXPECT_LT(worst, limit);
  });
  expect_equal_bits_on_fused_targets([&] {
    std::vector<T> got(x.size());
    fast(x, got);
    return got;
  });
}

constexpr std::int64_t n_samples = 200'001;

TEST(VectorMath, exp_is_within_a_unit_in_the_last_place) {
  expect_error_below<float>(spread<float>(n_samples, -104, 89), &vector_exp, &std::exp, 1.0);
  expect_error_below<float>(spread<float>(n_samples, -0.5, 0.5), &vector_exp, &std::exp, 1.0);
  expect_error_below<double>(spread<double>(n_samples, -745, 709), &vector_exp, &std::exp, 1.0);
  expect_error_below<double>(spread<double>(n_samples, -0.5, 0.5), &vector_exp, &std::exp, 1.0);
}

TEST(VectorMath, log_is_within_a_unit_in_the_last_place) {
  expect_error_below<float>(magnitudes<float>(n_samples), &vector_log, &std::log, 1.0);
  expect_error_below<float>(spread<float>(n_samples, 0.5, 2), &vector_log, &std::log, 1.0);
  expect_error_below<double>(magnitudes<double>(n_samples), &vector_log, &std::log, 1.0);
  expect_error_below<double>(spread<double>(n_samples, 0.5, 2), &vector_log, &std::log, 1.0);
}

TEST(VectorMath, tanh_is_within_four_units_in_the_last_place) {
  expect_error_below<float>(spread<float>(n_samples, -10, 10), &vector_tanh, &std::tanh, 4.0);
  expect_error_below<float>(spread<float>(n_samples, -1e-3, 1e-3), &vector_tanh, &std::tanh, 4.0);
  expect_error_below<double>(spread<double>(n_samples, -20, 20), &vector_tanh, &std::tanh, 4.0);
}

template <class T>
std::vector<T> apply(ArrayFunction<T> f, std::vector<T> x) {
  f(x, x);
  return x;
}

template <class T>
void expect_special_values() {
  constexpr T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  constexpr T largest = std::numeric_limits<T>::max();
  for_each_target([&](auto) {
    const auto e = apply<T>(&vector_exp, {0, inf, -inf, nan, largest, -largest});
    EXPECT_EQ(e[0], T(1));
    EXPECT_EQ(e[1], inf);
    EXPECT_EQ(e[2], T(0));
    EXPECT_TRUE(std::isnan(e[3]));
    EXPECT_EQ(e[4], inf);
    EXPECT_EQ(e[5], T(0));
    const auto l = apply<T>(&vector_log, {1, 0, T(-0.0), inf, -1, nan, -inf});
    EXPECT_EQ(l[0], T(0));
    EXPECT_EQ(l[1], -inf);
    EXPECT_EQ(l[2], -inf);
    EXPECT_EQ(l[3], inf);
    for (const std::size_t i : {4u, 5u, 6u}) EXPECT_TRUE(std::isnan(l[i])) << i;
    const auto t = apply<T>(&vector_tanh, {0, T(-0.0), inf, -inf, nan, largest});
    EXPECT_EQ(t[0], T(0));
    EXPECT_TRUE(std::signbit(t[1]));
    EXPECT_EQ(t[2], T(1));
    EXPECT_EQ(t[3], T(-1));
    EXPECT_TRUE(std::isnan(t[4]));
    EXPECT_EQ(t[5], T(1));
  });
}

TEST(VectorMath, special_values_of_float) { expect_special_values<float>(); }
TEST(VectorMath, special_values_of_double) { expect_special_values<double>(); }

}  // namespace
}  // namespace grok
