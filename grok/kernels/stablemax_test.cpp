#include "grok/kernels/stablemax.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "grok/kernels/testing.h"

namespace grok {
namespace {

using namespace grok::testing;

std::vector<double> losses_of(const std::vector<float>& x, std::int64_t n,
                              const std::vector<Token>& labels,
                              Arithmetic arithmetic = Arithmetic::float64, int n_threads = 1) {
  ThreadPool pool(n_threads);
  std::vector<double> losses(labels.size());
  stablemax(x, n, labels, arithmetic, losses, pool);
  return losses;
}

std::vector<float> gradient_of(const std::vector<float>& x, std::int64_t n,
                               const std::vector<Token>& labels, const std::vector<double>& d,
                               Arithmetic arithmetic = Arithmetic::float64, int n_threads = 1) {
  ThreadPool pool(n_threads);
  std::vector<float> dx(x.size());
  stablemax_grad(x, n, labels, d, arithmetic, dx, pool);
  return dx;
}

double s(double x) { return x < 0 ? 1 / (1 - x) : x + 1; }
double slope(double x) { return x < 0 ? s(x) * s(x) : 1; }

TEST(StableMax, of_known_rows) {
  // s is 4, 1, 1/2; then 1/4, 3.
  const std::vector<float> three = {3, 0, -1}, two = {-3, 2};
  for_each_target([&](auto) {
    for (const Arithmetic a : {Arithmetic::float32, Arithmetic::float64}) {
      EXPECT_NEAR(losses_of(three, 3, {0}, a)[0], std::log(5.5 / 4), 1e-7);
      EXPECT_NEAR(losses_of(three, 3, {2}, a)[0], std::log(11.0), 3e-7);
      EXPECT_NEAR(losses_of(two, 2, {0}, a)[0], std::log(13.0), 3e-7);
      const std::vector<float> grad = gradient_of(three, 3, {2}, {11}, a);
      EXPECT_NEAR(grad[0], 2, 1e-6);
      EXPECT_NEAR(grad[1], 2, 1e-6);
      EXPECT_NEAR(grad[2], 0.25 * (11 / 5.5 - 11 / 0.5), 1e-5);
    }
  });
}

TEST(StableMax, agrees_with_plain_loops) {
  for (const std::int64_t n : {1, 3, 8, 17, 113}) {
    const std::int64_t rows = 700;
    std::vector<float> x = random_numbers(rows * n, 1);
    for (float& v : x) v *= 20;
    const std::vector<Token> labels = random_tokens(rows, static_cast<Token>(n), 2);
    const std::vector<double> d = random_numbers<double>(rows, 3);
    std::vector<double> losses, grad;
    for (std::size_t row = 0; row < labels.size(); ++row) {
      const float* const r = &x[row * static_cast<std::size_t>(n)];
      const auto at = static_cast<std::size_t>(labels[row]);
      double sum = 0;
      for (std::int64_t j = 0; j < n; ++j) sum += s(static_cast<double>(r[j]));
      losses.push_back(std::log(sum / s(static_cast<double>(r[at]))));
      for (std::size_t j = 0; j < static_cast<std::size_t>(n); ++j) {
        const auto v = static_cast<double>(r[j]);
        grad.push_back(d[row] * slope(v) * (1 / sum - (j == at ? 1 / s(v) : 0)));
      }
    }
    for_each_target([&](auto) {
      expect_close(losses_of(x, n, labels), losses, 1e-14);
      expect_close(gradient_of(x, n, labels, d), grad, 1e-7);
      expect_close(losses_of(x, n, labels, Arithmetic::float32), losses, 1e-6);
      expect_close(gradient_of(x, n, labels, d, Arithmetic::float32), grad, 1e-6);
    });
  }
}

// Where a softmax of float32 has long rounded to 1.
TEST(StableMax, of_a_large_margin_keeps_its_digits) {
  const std::vector<float> x = {3e9f, 0, 0};
  for (const Arithmetic a : {Arithmetic::float32, Arithmetic::float64}) {
    EXPECT_NEAR(losses_of(x, 3, {0}, a)[0] / (2 / 3e9), 1, 1e-6);
    const std::vector<float> grad = gradient_of(x, 3, {0}, {1}, a);
    EXPECT_NEAR(grad[0] / (-2 / 9e18), 1, 1e-6);
    EXPECT_NEAR(grad[1] / (1 / 3e9), 1, 1e-6);
  }
}

TEST(StableMax, nan_spoils_its_own_row_only) {
  std::vector<float> x = random_numbers(3 * 20, 7);
  x[25] = std::nanf("");
  for_each_target([&](auto) {
    const std::vector<double> losses = losses_of(x, 20, {1, 2, 3});
    for (std::size_t row = 0; row < 3; ++row) EXPECT_EQ(std::isnan(losses[row]), row == 1);
  });
}

TEST(StableMax, gives_the_same_bits_for_any_number_of_threads_and_target) {
  const std::vector<float> x = random_numbers(2000 * 113, 8);
  const std::vector<Token> labels = random_tokens(2000, 113, 9);
  const std::vector<double> d = random_numbers<double>(2000, 10);
  for (const Arithmetic a : {Arithmetic::float32, Arithmetic::float64}) {
    for (const int n_threads : {2, 4, 8}) {
      EXPECT_TRUE(same_bits(losses_of(x, 113, labels, a), losses_of(x, 113, labels, a, n_threads)));
      EXPECT_TRUE(same_bits(gradient_of(x, 113, labels, d, a),
                            gradient_of(x, 113, labels, d, a, n_threads)));
    }
    expect_equal_bits_on_fused_targets([&] { return losses_of(x, 113, labels, a); });
    expect_equal_bits_on_fused_targets([&] { return gradient_of(x, 113, labels, d, a); });
  }
}

}  // namespace
}  // namespace grok
