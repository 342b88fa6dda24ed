#include "grok/kernels/cross_entropy.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "grok/kernels/reference.h"
#include "grok/kernels/testing.h"

namespace grok {
namespace {

using namespace grok::testing;

template <class T>
struct Problem {
  std::vector<T> x;
  std::vector<Token> labels;
  LogitsOf<T> logits;

  Problem(std::int64_t rows, std::int64_t n, double spread) {
    logits = {nullptr, rows, n, n + 3};
    x = random_numbers<T>(rows * logits.ld, 1);
    for (T& v : x) v *= static_cast<T>(spread);
    labels = random_tokens(rows, static_cast<Token>(n), 2);
    logits.data = x.data();
  }
  std::vector<double> rows(int n_threads = 1) const {
    ThreadPool pool(n_threads);
    std::vector<double> loss(labels.size() + 1);
    const double mean = cross_entropy(logits, labels, {loss.data(), labels.size()}, pool);
    loss.back() = mean;  // with the mean last, one comparison covers both
    return loss;
  }
  std::vector<T> grad(double scale, int n_threads = 1) const {
    ThreadPool pool(n_threads);
    std::vector<T> all(static_cast<std::size_t>(logits.rows * logits.n_classes));
    cross_entropy_grad(logits, labels, scale, all.data(), logits.n_classes, pool);
    return all;
  }
};

template <class T>
void expect_loss_and_grad(std::int64_t rows, std::int64_t n, double spread, double grad_error) {
  SCOPED_TRACE(::testing::Message() << rows << " rows of " << n << ", spread " << spread);
  const Problem<T> p(rows, n, spread);
  const std::vector<double> want = reference::cross_entropy(p.logits, p.labels);
  const std::vector<double> want_grad = reference::cross_entropy_grad(p.logits, p.labels, 0.25);
  double mean = 0;
  for (const double w : want) mean += w / static_cast<double>(rows);
  for_each_target([&](auto) {
    const std::vector<double> got = p.rows();
    for (std::size_t i = 0; i < want.size(); ++i)
      ASSERT_NEAR(got[i], want[i], 3e-15 * (want[i] + std::min(1.0, want[i]) * spread)) << i;
    ASSERT_NEAR(got.back(), mean, 1e-14 * mean);
    const std::vector<T> grad = p.grad(0.25);
    for (std::size_t i = 0; i < grad.size(); ++i)
      ASSERT_NEAR(static_cast<double>(grad[i]), want_grad[i],
                  grad_error * std::abs(want_grad[i]) + 1e-40);
    for (const int n_threads : {2, 4, 8}) {
      EXPECT_TRUE(same_bits(got, p.rows(n_threads)));
      EXPECT_TRUE(same_bits(grad, p.grad(0.25, n_threads)));
    }
  });
  expect_equal_bits_on_fused_targets([&] { return p.rows(); });
  expect_equal_bits_on_fused_targets([&] { return p.grad(0.25); });
}

TEST(CrossEntropy, loss_and_gradient_agree_with_plain_loops_to_relative_precision) {
  for (const std::int64_t rows : {1, 15, 40, 3000})
    for (const std::int64_t n : {1, 2, 7, 8, 113})
      for (const double spread : {1.0, 40.0}) {
        expect_loss_and_grad<float>(rows, n, spread, 6.1e-8);
        expect_loss_and_grad<double>(rows, n, spread, 2e-14);
        if (::testing::Test::HasFatalFailure()) return;
      }
  expect_loss_and_grad<float>(3, 2000, 5, 6.1e-8);  // too long to keep its exponentials
}

TEST(CrossEntropy, equal_logits_cost_the_logarithm_of_their_number) {
  ThreadPool pool(1);
  const std::vector<float> x(3 * 113, -7.0f);
  const std::vector<Token> labels = {0, 50, 112};
  for_each_target([&](auto) {
    EXPECT_NEAR(cross_entropy(LogitsOf<float>{x.data(), 3, 113, 113}, labels, {}, pool),
                std::log(113.0), 1e-15);
  });
}

TEST(CrossEntropy, a_tiny_loss_keeps_its_digits) {
  ThreadPool pool(1);
  const std::vector<float> x = {80, 0, 0};
  const std::vector<Token> labels = {0};
  const LogitsOf<float> logits{x.data(), 1, 3, 3};
  std::vector<float> grad(3);
  for_each_target([&](auto) {
    const double loss = cross_entropy_grad(logits, labels, 1, grad.data(), 3, pool);
    EXPECT_NEAR(loss / (2 * std::exp(-80.0)), 1, 1e-14);
    EXPECT_FLOAT_EQ(grad[0], static_cast<float>(-2 * std::exp(-80.0)));
    EXPECT_FLOAT_EQ(grad[2], static_cast<float>(std::exp(-80.0)));
  });
}

TEST(CrossEntropy, nan_in_nan_out) {
  ThreadPool pool(1);
  for_each_target([&](auto) {
    for (std::size_t at = 0; at < 20; ++at) {
      Problem<float> p(1, 20, 1);
      p.x[at] = std::numeric_limits<float>::quiet_NaN();
      EXPECT_TRUE(std::isnan(p.rows().back())) << at;
      for (const float g : p.grad(1)) EXPECT_TRUE(std::isnan(g));
      EXPECT_EQ(count_correct(p.logits, p.labels, pool), 0);
    }
  });
}

TEST(CrossEntropy, no_rows_cost_nothing) {
  ThreadPool pool(1);
  EXPECT_EQ(cross_entropy(LogitsOf<float>{nullptr, 0, 5, 5}, {}, {}, pool), 0);
}

TEST(CountCorrect, the_first_of_equals_wins) {
  ThreadPool pool(2);
  const std::vector<double> x = {1, 3, 3, 0, 0, 0};
  const LogitsOf<double> logits{x.data(), 2, 3, 3};
  const auto count = [&](std::vector<Token> labels) { return count_correct(logits, labels, pool); };
  EXPECT_EQ(count({1, 0}), 2);
  EXPECT_EQ(count({2, 0}), 1);
  EXPECT_EQ(count({2, 1}), 0);
}

TEST(CountCorrect, agrees_with_a_plain_count) {
  ThreadPool pool(2);
  const Problem<float> p(3000, 5, 1);
  std::int64_t want = 0;
  for (std::size_t i = 0; i < 3000; ++i) {
    const auto row = p.x.begin() + static_cast<std::ptrdiff_t>(i * 8);
    want += std::max_element(row, row + 5) - row == p.labels[i];
  }
  EXPECT_EQ(count_correct(p.logits, p.labels, pool), want);
}

}  // namespace
}  // namespace grok
