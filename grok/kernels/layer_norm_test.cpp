#include "grok/kernels/layer_norm.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "grok/kernels/testing.h"

namespace grok {
namespace {

using namespace grok::testing;

constexpr float eps = 1e-5f;
constexpr RowNorm centred{.eps = eps}, rms{.eps = eps, .centre = Centre::zero};

std::vector<float> normalized(const std::vector<float>& x, std::int64_t n, int n_threads = 1,
                              RowNorm norm = centred) {
  ThreadPool pool(n_threads);
  std::vector<float> y(x.size());
  layer_norm(x, n, norm, y, pool);
  return y;
}

std::vector<float> gradient(const std::vector<float>& x, const std::vector<float>& dy,
                            std::int64_t n, int n_threads = 1, RowNorm norm = centred) {
  ThreadPool pool(n_threads);
  std::vector<float> dx(x.size());
  layer_norm_grad(x, dy, n, norm, dx, pool);
  return dx;
}

std::vector<float> scales(const std::vector<float>& x, std::int64_t n, RowNorm norm = centred) {
  ThreadPool pool(1);
  std::vector<float> out(x.size() / static_cast<std::size_t>(n));
  layer_norm_scale(x, n, norm, out, pool);
  return out;
}

/// <dy, y> of one row, in double.
double weighted(std::vector<double> x, const std::vector<float>& dy, RowNorm norm) {
  const auto n = static_cast<double>(x.size());
  double mean = 0, variance = 0, sum = 0;
  for (const double v : x) mean += v / n;
  if (norm.centre == Centre::zero) mean = 0;
  for (double& v : x) v -= mean;
  for (const double v : x) variance += v * v / n;
  for (std::size_t i = 0; i < x.size(); ++i)
    sum += static_cast<double>(dy[i]) * x[i] / std::sqrt(variance + static_cast<double>(eps));
  return sum;
}

TEST(LayerNorm, makes_rows_of_mean_zero_and_variance_one) {
  for (const std::int64_t n : {2, 7, 16, 33, 128}) {
    std::vector<float> x = random_numbers(300 * n, 1);
    for (float& v : x) v = 5 * v + 3;
    for_each_target([&](auto) {
      const std::vector<float> y = normalized(x, n);
      for (std::size_t row = 0; row < 300; ++row) {
        double sum = 0, squares = 0;
        for (std::int64_t j = 0; j < n; ++j) {
          const auto v = static_cast<double>(
              y[row * static_cast<std::size_t>(n) + static_cast<std::size_t>(j)]);
          sum += v;
          squares += v * v;
        }
        const auto scale = static_cast<double>(scales(x, n)[row]);
        const double kept = 1 - static_cast<double>(eps) / (scale * scale);  // eps takes its share
        // Numbers up to 8 were rounded before what they have in common was taken off.
        const double rounding = 1e-6 * (1 + 1 / scale);
        ASSERT_NEAR(sum / static_cast<double>(n), 0, rounding);
        ASSERT_NEAR(squares / static_cast<double>(n), kept, 2 * rounding);
      }
    });
  }
}

TEST(LayerNorm, scale_of_a_known_row) {
  const std::vector<float> x = {1, 3, 1, 3, -5, -5, -5, -5};
  for_each_target([&](auto) {
    EXPECT_FLOAT_EQ(scales(x, 4)[0], std::sqrt(1 + eps));
    EXPECT_FLOAT_EQ(scales(x, 4)[1], std::sqrt(eps));  // a constant row: what eps is for
    EXPECT_EQ(normalized(x, 4)[5], 0);
  });
}

// x = 3, 4 has a mean square of 12.5; -5 four times one of 25.
TEST(LayerNorm, about_zero_divides_by_the_root_of_the_mean_square) {
  const std::vector<float> x = {3, 4, -5, -5};
  for_each_target([&](auto) {
    EXPECT_FLOAT_EQ(scales(x, 2, rms)[0], std::sqrt(12.5f + eps));
    EXPECT_FLOAT_EQ(scales(x, 2, rms)[1], std::sqrt(25 + eps));
    const std::vector<float> y = normalized(x, 2, 1, rms);
    EXPECT_FLOAT_EQ(y[1], 4 / std::sqrt(12.5f + eps));
    EXPECT_FLOAT_EQ(y[2], -5 / std::sqrt(25 + eps));
  });
}

void expect_gradient_agrees_with_differences(RowNorm norm) {
  for (const std::int64_t n : {3, 7, 17, 128}) {
    const std::vector<float> x = random_numbers(n, 3), dy = random_numbers(n, 4);
    std::vector<double> at(x.begin(), x.end()), want;
    for (double& v : at) {
      const double before = v, h = 1e-5;
      v = before + h;
      const double above = weighted(at, dy, norm);
      v = before - h;
      want.push_back((above - weighted(at, dy, norm)) / (2 * h));
      v = before;
    }
    for_each_target([&](auto) { expect_close(gradient(x, dy, n, 1, norm), want, 1e-6); });
  }
}

TEST(LayerNorm, gradient_agrees_with_differences) {
  expect_gradient_agrees_with_differences(centred);
  expect_gradient_agrees_with_differences(rms);
}

void expect_same_bits(RowNorm norm) {
  for (const std::int64_t n : {3, 100}) {
    const std::vector<float> x = random_numbers(2000 * n, 5), dy = random_numbers(2000 * n, 6);
    for_each_target([&](auto) {
      for (const int n_threads : {2, 4, 8}) {
        EXPECT_TRUE(same_bits(normalized(x, n, 1, norm), normalized(x, n, n_threads, norm)));
        EXPECT_TRUE(same_bits(gradient(x, dy, n, 1, norm), gradient(x, dy, n, n_threads, norm)));
      }
    });
    expect_equal_bits_on_fused_targets([&] { return normalized(x, n, 1, norm); });
    expect_equal_bits_on_fused_targets([&] { return gradient(x, dy, n, 1, norm); });
    expect_equal_bits_on_fused_targets([&] { return scales(x, n, norm); });
  }
}

TEST(LayerNorm, gives_the_same_bits_for_any_number_of_threads_and_target) {
  expect_same_bits(centred);
  expect_same_bits(rms);
}

TEST(LayerNorm, nan_spoils_its_own_row_only) {
  std::vector<float> x = random_numbers(2 * 20, 7);
  x[25] = std::numeric_limits<float>::quiet_NaN();
  for_each_target([&](auto) {
    const std::vector<float> y = normalized(x, 20);
    for (std::size_t i = 0; i < 40; ++i) EXPECT_EQ(std::isnan(y[i]), i >= 20);
  });
}

}  // namespace
}  // namespace grok
