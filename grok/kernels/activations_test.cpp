#include "grok/kernels/activations.h"

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include "grok/kernels/testing.h"

namespace grok {
namespace {

using namespace grok::testing;

struct Activation {
  const char* name;
  void (*value)(ConstFloats, Floats, ThreadPool&) noexcept;
  void (*grad)(ConstFloats, ConstFloats, Floats, ThreadPool&) noexcept;
  long double (*exact)(long double);
  long double (*slope)(long double);
};

constexpr long double pi = std::numbers::pi_v<long double>;

long double exact_gelu(long double x) { return 0.5L * x * std::erfc(-x / std::sqrt(2.0L)); }
long double slope_of_gelu(long double x) {
  return 0.5L * std::erfc(-x / std::sqrt(2.0L)) + x * std::exp(-0.5L * x * x) / std::sqrt(2 * pi);
}

long double logistic(long double y) { return 1 / (1 + std::exp(-y)); }
long double exact_silu(long double x) { return x * logistic(x); }
long double slope_of_silu(long double x) { return logistic(x) + x * logistic(x) * logistic(-x); }

// 2 z, where gelu_tanh is x (1 + tanh(z)) / 2.
long double cubic(long double x) { return 2 * std::sqrt(2 / pi) * (x + 0.044715L * x * x * x); }
long double exact_gelu_tanh(long double x) { return x * logistic(cubic(x)); }
long double slope_of_gelu_tanh(long double x) {
  const long double y = cubic(x);
  const long double dy = 2 * std::sqrt(2 / pi) * (1 + 3 * 0.044715L * x * x);
  return logistic(y) + x * logistic(y) * logistic(-y) * dy;
}

const Activation all[] = {
    {"gelu", &gelu, &gelu_grad, &exact_gelu, &slope_of_gelu},
    {"gelu_tanh", &gelu_tanh, &gelu_tanh_grad, &exact_gelu_tanh, &slope_of_gelu_tanh},
    {"silu", &silu, &silu_grad, &exact_silu, &slope_of_silu}};

std::vector<float> value_of(const Activation& a, const std::vector<float>& x, int n_threads = 1) {
  ThreadPool pool(n_threads);
  std::vector<float> out(x.size());
  a.value(x, out, pool);
  return out;
}

std::vector<float> gradient_of(const Activation& a, const std::vector<float>& x,
                               const std::vector<float>& dy, int n_threads = 1) {
  ThreadPool pool(n_threads);
  std::vector<float> dx(x.size());
  a.grad(x, dy, dx, pool);
  return dx;
}

std::vector<float> slope_at(const Activation& a, const std::vector<float>& x) {
  return gradient_of(a, x, std::vector<float>(x.size(), 1.0f));
}

std::vector<float> spread(double low, double high) {
  std::vector<float> x = random_numbers(200'001, 7);
  for (float& v : x) v = static_cast<float>(low + (static_cast<double>(v) + 1) / 2 * (high - low));
  return x;
}

/// The largest error in units in the last place of the result.
double largest_error(const Activation& a, double low, double high) {
  const std::vector<float> x = spread(low, high), got = value_of(a, x);
  long double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const long double want = a.exact(static_cast<long double>(x[i]));
    const float size = std::abs(static_cast<float>(want));
    const long double unit =
        static_cast<long double>(std::nextafter(size, std::numeric_limits<float>::infinity())) -
        static_cast<long double>(size);
    worst = std::max(worst, std::abs(static_cast<long double>(got[i]) - want) / unit);
  }
  return static_cast<double>(worst);
}

struct Precision {
  const Activation& activation;
  double low, high, units;
};

TEST(Activations, are_within_a_few_units_in_the_last_place) {
  const Precision promised[] = {
      {all[0], -12.8, 12.8, 8}, {all[0], -1, 1, 8},   {all[1], -1, 10, 4}, {all[1], -3, -1, 15},
      {all[1], -10, -3, 250},   {all[2], -80, 80, 4}, {all[2], -2, 2, 4}};
  for (const Precision& p : promised)
    for_each_target([&](std::string_view target) {
      if (target == "portable") return;
      EXPECT_LT(largest_error(p.activation, p.low, p.high), p.units)
          << p.activation.name << " from " << p.low;
    });
}

// Where a slope crosses zero its two parts cancel, so the error is measured against 1.
TEST(Activations, have_slopes_to_float_precision) {
  for (const Activation& a : all)
    for_each_target([&](auto) {
      const std::vector<float> x = spread(-30, 30), got = slope_at(a, x);
      for (std::size_t i = 0; i < x.size(); ++i)
        ASSERT_NEAR(got[i], static_cast<double>(a.slope(static_cast<long double>(x[i]))), 4e-7)
            << a.name << " at " << x[i];
    });
}

TEST(Activations, have_slopes_that_agree_with_differences) {
  for (const Activation& a : all)
    for (const float x : {-4.0f, -1.3f, -0.75f, 0.0f, 0.4f, 2.0f, 5.0f}) {
      const long double at = static_cast<long double>(x), h = 1e-4L;
      const long double quotient = (a.exact(at + h) - a.exact(at - h)) / (2 * h);
      EXPECT_NEAR(slope_at(a, {x})[0], static_cast<double>(quotient), 4e-7) << a.name;
    }
}

TEST(Activations, multiply_the_gradient_by_the_slope) {
  const std::vector<float> x = random_numbers(100, 1), dy = random_numbers(100, 2);
  for (const Activation& a : all) {
    const std::vector<float> dx = gradient_of(a, x, dy), slope = slope_at(a, x);
    for (std::size_t i = 0; i < x.size(); ++i) EXPECT_EQ(dx[i], dy[i] * slope[i]) << a.name;
  }
}

TEST(Activations, are_finite_far_out_and_keep_nan) {
  constexpr float inf = std::numeric_limits<float>::infinity();
  constexpr float largest = std::numeric_limits<float>::max();
  const std::vector<float> x = {
      0, 50, 129, largest, inf, -50, -129, -largest, -inf, std::numeric_limits<float>::quiet_NaN()};
  for (const Activation& a : all)
    for_each_target([&](auto) {
      const std::vector<float> y = value_of(a, x), slope = slope_at(a, x);
      EXPECT_EQ(y[0], 0) << a.name;
      EXPECT_EQ(slope[0], 0.5f) << a.name;
      for (std::size_t i = 1; i < 5; ++i) {
        EXPECT_EQ(y[i], x[i]) << a.name;
        EXPECT_EQ(slope[i], 1) << a.name;
      }
      for (std::size_t i = 5; i < 9; ++i) {
        EXPECT_NEAR(y[i], 0, 1e-19) << a.name;
        EXPECT_NEAR(slope[i], 0, 1e-19) << a.name;
      }
      EXPECT_TRUE(std::isnan(y[9]) && std::isnan(slope[9])) << a.name;
    });
}

// Beyond 65,536 there are several chunks.
TEST(Activations, give_the_same_bits_for_any_number_of_threads_and_target) {
  for (const Activation& a : all)
    for (const std::int64_t n : {0, 1, 17, 200'001}) {
      std::vector<float> x = random_numbers(n, 3);
      for (float& v : x) v *= 9;
      const std::vector<float> dy = random_numbers(n, 4);
      for_each_target([&](auto) {
        for (const int n_threads : {2, 4, 8}) {
          EXPECT_TRUE(same_bits(value_of(a, x), value_of(a, x, n_threads)));
          EXPECT_TRUE(same_bits(gradient_of(a, x, dy), gradient_of(a, x, dy, n_threads)));
        }
      });
      expect_equal_bits_on_fused_targets([&] { return value_of(a, x); });
      expect_equal_bits_on_fused_targets([&] { return gradient_of(a, x, dy); });
    }
}

}  // namespace
}  // namespace grok
