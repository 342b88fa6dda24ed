#include "grok/kernels/cross_entropy.h"

#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "grok/base/float_environment.h"
#include "grok/kernels/reference.h"
#include "grok/kernels/testing.h"

namespace grok {
namespace {

using namespace grok::testing;

/// Random logits with their labels; C is the arithmetic. As in a step, the caller's thread flushes
/// denormals like the others.
template <class C>
struct Problem {
  std::vector<float> x;
  std::vector<Token> labels;
  std::vector<double> d_losses;
  Logits logits;

  Problem(std::int64_t rows, std::int64_t n, double spread) {
    logits = {nullptr, rows, n, n + 3};
    x = random_numbers(rows * logits.ld, 1);
    for (float& v : x) v *= static_cast<float>(spread);
    labels = random_tokens(rows, static_cast<Token>(n), 2);
    d_losses = random_numbers<double>(rows, 3);
    logits.data = x.data();
  }
  std::vector<C> exps(int n_threads = 1) const {
    const FlushDenormals flush;
    ThreadPool pool(n_threads);
    std::vector<C> e(static_cast<std::size_t>(logits.rows * logits.n_classes));
    exponentials(logits, e, pool);
    return e;
  }
  std::vector<double> losses(std::span<const C> e = {}, int n_threads = 1) const {
    const FlushDenormals flush;
    ThreadPool pool(n_threads);
    std::vector<double> out(labels.size());
    cross_entropy(logits, labels, e, out, pool);
    return out;
  }
  std::vector<float> grad(std::span<const C> e = {}, int n_threads = 1) const {
    const FlushDenormals flush;
    ThreadPool pool(n_threads);
    std::vector<float> out(static_cast<std::size_t>(logits.rows * logits.n_classes));
    cross_entropy_grad(logits, labels, e, d_losses, out, pool);
    return out;
  }
};

/// `rounding`: what the arithmetic loses of a loss and of a gradient, relative to them.
template <class C>
void expect_loss_and_grad(std::int64_t rows, std::int64_t n, double spread, double rounding) {
  SCOPED_TRACE(::testing::Message() << rows << " rows of " << n << ", spread " << spread);
  const Problem<C> p(rows, n, spread);
  const std::vector<double> want = reference::cross_entropy(p.logits, p.labels);
  const std::vector<double> want_grad =
      reference::cross_entropy_grad(p.logits, p.labels, p.d_losses);
  for_each_target([&](auto) {
    const std::vector<double> got = p.losses();
    for (std::size_t i = 0; i < want.size(); ++i)
      ASSERT_NEAR(got[i], want[i], rounding * (want[i] + std::min(1.0, want[i]) * spread)) << i;
    const std::vector<float> grad = p.grad();
    for (std::size_t i = 0; i < grad.size(); ++i)
      ASSERT_NEAR(static_cast<double>(grad[i]), want_grad[i],
                  (6.1e-8 + spread * rounding) * std::abs(want_grad[i]) + 1e-37);
    const std::vector<C> e = p.exps();
    for (const int n_threads : {1, 2, 4, 8}) {
      EXPECT_TRUE(same_bits(e, p.exps(n_threads)));
      EXPECT_TRUE(same_bits(got, p.losses({}, n_threads)));
      EXPECT_TRUE(same_bits(got, p.losses(e, n_threads)));
      EXPECT_TRUE(same_bits(grad, p.grad({}, n_threads)));
      EXPECT_TRUE(same_bits(grad, p.grad(e, n_threads)));
    }
  });
  expect_equal_bits_on_fused_targets([&] { return p.exps(); });
  expect_equal_bits_on_fused_targets([&] { return p.losses(); });
  expect_equal_bits_on_fused_targets([&] { return p.grad(); });
}

TEST(CrossEntropy, loss_and_gradient_agree_with_plain_loops_to_relative_precision) {
  expect_loss_and_grad<double>(700, 113, 40, 3e-15);  // several chunks
  expect_loss_and_grad<float>(700, 113, 40, 4e-7);
  for (const std::int64_t rows : {1, 17})
    for (const std::int64_t n : {1, 2, 7, 8, 33, 113})
      for (const double spread : {1.0, 40.0}) {
        expect_loss_and_grad<double>(rows, n, spread, 3e-15);
        expect_loss_and_grad<float>(rows, n, spread, 4e-7);
        if (::testing::Test::HasFatalFailure()) return;
      }
}

TEST(CrossEntropy, equal_logits_cost_the_logarithm_of_their_number) {
  ThreadPool pool(1);
  const std::vector<float> x(3 * 113, -7.0f);
  const std::vector<Token> labels = {0, 50, 112};
  std::vector<double> losses(3);
  for_each_target([&](auto) {
    cross_entropy({x.data(), 3, 113, 113}, labels, Doubles{}, losses, pool);
    for (const double loss : losses) EXPECT_NEAR(loss, std::log(113.0), 1e-15);
    cross_entropy({x.data(), 3, 113, 113}, labels, ConstFloats{}, losses, pool);
    for (const double loss : losses) EXPECT_NEAR(loss, std::log(113.0), 5e-7);
  });
}

template <class C>
void expect_digits_of_a_tiny_loss(double rounding) {
  Problem<C> p(1, 3, 1);
  p.x = {80, 0, 0};
  p.logits.data = p.x.data();
  p.labels = {0};
  p.d_losses = {1};
  for_each_target([&](auto) {
    EXPECT_NEAR(p.losses()[0] / (2 * std::exp(-80.0)), 1, rounding);
    EXPECT_NEAR(static_cast<double>(p.grad()[0]) / (-2 * std::exp(-80.0)), 1, 6e-8 + rounding);
    EXPECT_NEAR(static_cast<double>(p.grad()[2]) / std::exp(-80.0), 1, 6e-8 + rounding);
  });
}

TEST(CrossEntropy, a_tiny_loss_keeps_its_digits) {
  expect_digits_of_a_tiny_loss<double>(1e-14);
  // At 80 a float's last place is worth 7.6e-6.
  expect_digits_of_a_tiny_loss<float>(4e-6);
}

// A gap of 20 to two others: their share, 4e-9, is less than half a float's last place at 1.
TEST(CrossEntropy, in_plain_float32_collapses_where_the_compensated_does_not) {
  const std::vector<Token> labels{0};
  const std::vector<double> d_losses{1};
  for_each_target([&](auto) {
    ThreadPool pool(1);
    const auto at = [&](float label_logit, Sums sums) {
      const std::vector<float> logits{label_logit, 0, 0};
      const Logits view{logits.data(), 1, 3, 3};
      std::vector<double> loss(1);
      std::vector<float> grad(3);
      cross_entropy(view, labels, ConstFloats(), loss, pool, sums);
      cross_entropy_grad(view, labels, ConstFloats(), d_losses, grad, pool, sums);
      return std::array<double, 3>{loss[0], static_cast<double>(grad[0]),
                                   static_cast<double>(grad[1])};
    };
    const auto plain = at(20, Sums::plain), compensated = at(20, Sums::compensated);
    EXPECT_EQ(plain[0], 0);
    EXPECT_EQ(plain[1], 0);
    EXPECT_GT(plain[2], 0);  // the other classes are still pushed down
    EXPECT_NEAR(compensated[0] / (2 * std::exp(-20.0)), 1, 1e-5);
    EXPECT_NEAR(compensated[1] / (-2 * std::exp(-20.0)), 1, 1e-5);
    // Where nothing is lost they agree.
    const auto mild = at(2, Sums::plain), same = at(2, Sums::compensated);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(mild[i], same[i], 1e-6);
  });
}

TEST(CrossEntropy, a_class_that_is_ruled_out_has_no_share) {
  Problem<double> p(1, 20, 1), without(1, 18, 1);
  p.labels = without.labels = {3};
  p.x[18] = -std::numeric_limits<float>::infinity();
  p.x[19] = -3000;
  for_each_target([&](auto) {
    EXPECT_EQ(p.losses(), without.losses());
    EXPECT_EQ(p.grad()[18], 0);
    EXPECT_EQ(p.grad()[19], 0);
  });
}

template <class C>
void expect_nan_from(float nan) {
  for_each_target([&](auto) {
    for (std::size_t at = 0; at < 20; ++at) {
      Problem<C> p(1, 20, 1);
      p.x[at] = nan;
      EXPECT_TRUE(std::isnan(p.losses()[0])) << at;
      EXPECT_TRUE(std::isnan(p.losses(p.exps())[0])) << at;
      for (const float g : p.grad()) EXPECT_TRUE(std::isnan(g));
      ThreadPool pool(1);
      EXPECT_EQ(count_correct(p.logits, p.labels, pool), 0);
    }
  });
}

TEST(CrossEntropy, nan_in_nan_out) {
  for (const float nan : {std::numeric_limits<float>::quiet_NaN(),
                          std::bit_cast<float>(0xffc00155u), std::bit_cast<float>(0x7fffffffu)}) {
    expect_nan_from<double>(nan);
    expect_nan_from<float>(nan);
  }
}

TEST(Mean, is_the_mean_and_nothing_costs_nothing) {
  for_each_target([&](auto) {
    EXPECT_EQ(mean({}), 0);
    for (const std::size_t n : {1u, 7u, 8u, 100u, 1001u}) {
      std::vector<double> x(n);
      std::iota(x.begin(), x.end(), 1.0);
      EXPECT_EQ(mean(x), (static_cast<double>(n) + 1) / 2);
    }
  });
  expect_equal_bits_on_fused_targets(
      [] { return std::vector<double>{mean(random_numbers<double>(1001, 3))}; });
}

TEST(CountCorrect, the_first_of_equals_wins) {
  ThreadPool pool(2);
  const std::vector<float> x = {1, 3, 3, 0, 0, 0};
  const Logits logits{x.data(), 2, 3, 3};
  const auto count = [&](std::vector<Token> labels) { return count_correct(logits, labels, pool); };
  EXPECT_EQ(count({1, 0}), 2);
  EXPECT_EQ(count({2, 0}), 1);
  EXPECT_EQ(count({2, 1}), 0);
}

TEST(CountCorrect, agrees_with_a_plain_count) {
  ThreadPool pool(2);
  const Problem<float> p(30000, 5, 1);
  std::int64_t want = 0;
  for (std::size_t i = 0; i < 30000; ++i) {
    const auto row = p.x.begin() + static_cast<std::ptrdiff_t>(i * 8);
    want += std::max_element(row, row + 5) - row == p.labels[i];
  }
  EXPECT_EQ(count_correct(p.logits, p.labels, pool), want);
}

}  // namespace
}  // namespace grok
