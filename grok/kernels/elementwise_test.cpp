#include "grok/kernels/elementwise.h"

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "grok/kernels/testing.h"

namespace grok {
namespace {

using namespace grok::testing;

using Fast = std::function<void(ConstFloats, ConstFloats, Floats, ThreadPool&)>;
using Exact = std::function<double(double, double)>;

// Beyond 16,384 there are several chunks.
const std::vector<std::int64_t> sizes = {0, 1, 3, 15, 16, 17, 113, 16384, 40000};

void expect_elementwise(const Fast& fast, const Exact& exact, double tolerance) {
  for (const std::int64_t n : sizes) {
    const std::vector<float> a = random_numbers(n, 1), b = random_numbers(n, 2);
    std::vector<double> want;
    for (std::size_t i = 0; i < a.size(); ++i)
      want.push_back(exact(static_cast<double>(a[i]), static_cast<double>(b[i])));
    const auto run = [&](int n_threads) {
      ThreadPool pool(n_threads);
      std::vector<float> out(a.size());
      fast(a, b, out, pool);
      return out;
    };
    for_each_target([&](auto) {
      const std::vector<float> one = run(1);
      expect_close(one, want, tolerance);
      for (const int n_threads : {2, 4, 8}) EXPECT_TRUE(same_bits(one, run(n_threads)));
    });
    expect_equal_bits_on_fused_targets([&] { return run(2); });
  }
}

TEST(Elementwise, relu_clips) {
  expect_elementwise([](auto a, auto, auto out, auto& pool) { relu(a, out, pool); },
                     [](double a, double) { return a > 0 ? a : 0; }, 0);
}

TEST(Elementwise, relu_grad_passes_where_the_input_is_above_zero) {
  expect_elementwise([](auto a, auto b, auto out, auto& pool) { relu_grad(a, b, out, pool); },
                     [](double a, double b) { return a > 0 ? b : 0; }, 0);
}

TEST(Elementwise, relu_has_no_gradient_at_zero) {
  ThreadPool pool(1);
  const std::vector<float> x = {0.0f, -0.0f, 1e-30f}, dy = {1, 1, 1};
  std::vector<float> dx(3);
  for_each_target([&](auto) {
    relu_grad(x, dy, dx, pool);
    EXPECT_EQ(dx, (std::vector<float>{0, 0, 1}));
  });
}

TEST(Elementwise, tanh_and_its_gradient) {
  expect_elementwise([](auto a, auto, auto out, auto& pool) { tanh(a, out, pool); },
                     [](double a, double) { return std::tanh(a); }, 3e-7);
  expect_elementwise([](auto a, auto b, auto out, auto& pool) { tanh_grad(a, b, out, pool); },
                     [](double a, double b) { return (1 - a * a) * b; }, 2e-7);
}

TEST(Elementwise, sums_products_and_scales) {
  expect_elementwise([](auto a, auto b, auto out, auto& pool) { add(a, b, out, pool); },
                     [](double a, double b) { return a + b; }, 6e-8);
  expect_elementwise([](auto a, auto b, auto out, auto& pool) { multiply(a, b, out, pool); },
                     [](double a, double b) { return a * b; }, 6e-8);
  expect_elementwise([](auto a, auto, auto out, auto& pool) { scale(a, 0.3f, out, pool); },
                     [](double a, double) { return a * static_cast<double>(0.3f); }, 6e-8);
}

TEST(Elementwise, adds_one_row_to_all) {
  ThreadPool pool(2);
  for (const std::int64_t n : {1, 3, 16, 113})
    for (const std::int64_t rows : {1, 2, 1000}) {
      const std::vector<float> a = random_numbers(rows * n, 1), b = random_numbers(n, 2);
      std::vector<float> out(a.size());
      add_rows(a, b, out, pool);
      for (std::size_t i = 0; i < a.size(); ++i) ASSERT_EQ(out[i], a[i] + b[i % b.size()]);
    }
}

TEST(Elementwise, nan_passes_through_relu) {
  ThreadPool pool(1);
  const std::vector<float> x = {std::numeric_limits<float>::quiet_NaN(), -1, 2};
  std::vector<float> out(3);
  for_each_target([&](auto) {
    relu(x, out, pool);
    EXPECT_TRUE(std::isnan(out[0]));
    EXPECT_EQ(out[1], 0.0f);
  });
}

}  // namespace
}  // namespace grok
