#include "grok/kernels/rows.h"

#include <vector>

#include <gtest/gtest.h>

#include "grok/kernels/reference.h"
#include "grok/kernels/softmax.h"
#include "grok/kernels/testing.h"

namespace grok {
namespace {

using namespace grok::testing;

/// Runs `f(pool)` on every target and for several numbers of threads: close to `want`, equal bits.
template <class F>
void expect_kernel(const std::vector<double>& want, double tolerance, F&& f) {
  const auto run = [&](int n_threads) {
    ThreadPool pool(n_threads);
    std::vector<float> out(want.size(), 77.0f);
    f(out, pool);
    return out;
  };
  for_each_target([&](auto) {
    const std::vector<float> one = run(1);
    expect_close(one, want, tolerance);
    for (const int n_threads : {2, 4, 8}) EXPECT_TRUE(same_bits(one, run(n_threads)));
  });
  expect_equal_bits_on_fused_targets([&] { return run(2); });
}

const std::vector<std::int64_t> widths = {1, 2, 3, 8, 9, 15, 16, 17, 64, 65, 113, 300};

TEST(Rows, sums_over_rows) {
  for (const std::int64_t n : widths)
    for (const std::int64_t rows : {0, 1, 127, 129, 1000}) {
      const std::vector<float> x = random_numbers(rows * n, 1);
      expect_kernel(reference::sum_rows(x, n), 2e-6,
                    [&](Floats out, ThreadPool& pool) { sum_rows(x, out, pool); });
    }
}

TEST(Rows, gathers_rows_as_they_are) {
  ThreadPool pool(2);
  for (const std::int64_t n : widths) {
    const std::vector<float> table = random_numbers(23 * n, 1);
    const std::vector<Token> indices = random_tokens(500, 23, 2);
    std::vector<float> out(500 * static_cast<std::size_t>(n));
    gather_rows(table, indices, n, out, pool);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto row = static_cast<std::size_t>(indices[i / static_cast<std::size_t>(n)]);
      ASSERT_EQ(out[i], table[row * static_cast<std::size_t>(n) + i % static_cast<std::size_t>(n)]);
    }
  }
}

TEST(Rows, scatters_sums_and_leaves_unnamed_rows_zero) {
  for (const std::int64_t n : widths) {
    const std::vector<float> grad = random_numbers(500 * n, 1);
    const std::vector<Token> indices = random_tokens(500, 20, 2);
    const auto want = reference::scatter_add_rows(grad, indices, n, 23);
    EXPECT_EQ(want.back(), 0);
    expect_kernel(want, 1e-6, [&](Floats out, ThreadPool& pool) {
      scatter_add_rows(grad, indices, n, out, pool);
    });
  }
}

TEST(Rows, no_rows_scatter_to_zeros) {
  ThreadPool pool(1);
  std::vector<float> out(3 * 100, 5.0f);
  scatter_add_rows({}, {}, 100, out, pool);
  EXPECT_EQ(out, std::vector<float>(300));
}

// Scatter is the transpose of gather: <gather(t), g> = <t, scatter(g)>.
TEST(Rows, scatter_is_the_transpose_of_gather) {
  ThreadPool pool(1);
  const std::vector<Token> indices = random_tokens(100, 11, 3);
  const std::vector<float> t = random_numbers(11 * 19, 1), g = random_numbers(100 * 19, 2);
  std::vector<float> gathered(100 * 19), scattered(11 * 19);
  gather_rows(t, indices, 19, gathered, pool);
  scatter_add_rows(g, indices, 19, scattered, pool);
  double left = 0, right = 0;
  for (std::size_t i = 0; i < g.size(); ++i) left += static_cast<double>(gathered[i] * g[i]);
  for (std::size_t i = 0; i < t.size(); ++i) right += static_cast<double>(scattered[i] * t[i]);
  EXPECT_NEAR(left, right, 1e-4);
}

TEST(Softmax, agrees_with_plain_loops) {
  for (const std::int64_t n : widths)
    for (const std::int64_t rows : {1, 15, 17, 700}) {
      std::vector<float> x = random_numbers(rows * n, 1);
      for (float& v : x) v *= 20;
      expect_kernel(reference::softmax_rows(x, n), 3e-7,
                    [&](Floats out, ThreadPool& pool) { softmax_rows(x, n, out, pool); });
    }
}

TEST(Softmax, gradient_agrees_with_plain_loops) {
  for (const std::int64_t n : widths)
    for (const std::int64_t rows : {1, 15, 17, 2500}) {
      const std::vector<float> y = random_numbers(rows * n, 1), dy = random_numbers(rows * n, 2);
      expect_kernel(reference::softmax_rows_grad(y, dy, n), 2e-6,
                    [&](Floats out, ThreadPool& pool) { softmax_rows_grad(y, dy, n, out, pool); });
    }
}

// As with a mask that takes hidden scores far down: not a bit differs, whatever stands there.
TEST(Softmax, hidden_numbers_count_as_if_masked) {
  for (const std::int64_t n : {3, 5, 8, 9, 21, 85})
    for (const std::int64_t visible : {std::int64_t{1}, std::int64_t{2}, n}) {
      const RowsSeen seen{.n_queries = 7, .visible = visible};
      const std::int64_t rows = 7 * 30;
      const auto n_numbers = static_cast<std::size_t>(rows * n);
      std::vector<float> x = random_numbers(rows * n, 1), dy = random_numbers(rows * n, 2);
      std::vector<float> masked = x, dy_seen = dy;
      for (std::int64_t row = 0; row < rows; ++row)
        for (std::int64_t j = std::min(n, visible + row % 7); j < n; ++j) {
          masked[static_cast<std::size_t>(row * n + j)] = -1e10f;
          x[static_cast<std::size_t>(row * n + j)] = 9;
          dy_seen[static_cast<std::size_t>(row * n + j)] = 0;
        }
      ThreadPool pool(2);
      for_each_target([&](auto) {
        std::vector<float> y(n_numbers), want(n_numbers), dx(n_numbers), want_dx(n_numbers);
        softmax_rows(x, n, y, pool, seen);
        softmax_rows(masked, n, want, pool);
        EXPECT_TRUE(same_bits(y, want)) << n << " " << visible;
        softmax_rows_grad(y, dy, n, dx, pool, seen);
        softmax_rows_grad(want, dy_seen, n, want_dx, pool);
        // A zero may have another sign.
        EXPECT_EQ(dx, want_dx) << n << " " << visible;
      });
    }
}

TEST(Softmax, equal_logits_share_equally_at_any_size) {
  ThreadPool pool(1);
  for_each_target([&](auto) {
    for (const std::size_t n : {1u, 3u, 16u, 50u})
      for (const float level : {0.0f, 1e30f, -1e30f}) {
        std::vector<float> x(n, level), y(n);
        softmax_rows(x, static_cast<std::int64_t>(n), y, pool);
        for (const float v : y) EXPECT_FLOAT_EQ(v, 1.0f / static_cast<float>(n));
      }
  });
}

TEST(Softmax, a_nan_spoils_its_own_row_only) {
  ThreadPool pool(1);
  for_each_target([&](auto) {
    for (const std::size_t n : {3u, 20u})
      for (std::size_t at = 0; at < n; ++at) {
        std::vector<float> x = random_numbers(static_cast<std::int64_t>(2 * n), 1), y(2 * n);
        x[at] = std::numeric_limits<float>::quiet_NaN();
        softmax_rows(x, static_cast<std::int64_t>(n), y, pool);
        for (std::size_t i = 0; i < 2 * n; ++i) ASSERT_EQ(std::isnan(y[i]), i < n);
      }
  });
}

}  // namespace
}  // namespace grok
