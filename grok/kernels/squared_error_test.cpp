#include "grok/kernels/squared_error.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "grok/kernels/testing.h"

namespace grok {
namespace {

using namespace grok::testing;

template <class Target>
std::vector<double> errors_of(const std::vector<float>& x, std::int64_t n,
                              const std::vector<Target>& target, int n_threads = 1) {
  ThreadPool pool(n_threads);
  std::vector<double> errors(x.size() / static_cast<std::size_t>(n));
  squared_error(x, n, target, errors, pool);
  return errors;
}

template <class Target>
std::vector<float> gradient_of(const std::vector<float>& x, std::int64_t n,
                               const std::vector<Target>& target, const std::vector<double>& d,
                               int n_threads = 1) {
  ThreadPool pool(n_threads);
  std::vector<float> dx(x.size());
  squared_error_grad(x, n, target, d, dx, pool);
  return dx;
}

/// The rows that labels stand for.
std::vector<float> one_hot(const std::vector<Token>& labels, std::int64_t n) {
  std::vector<float> out(labels.size() * static_cast<std::size_t>(n));
  for (std::size_t row = 0; row < labels.size(); ++row)
    out[row * static_cast<std::size_t>(n) + static_cast<std::size_t>(labels[row])] = 1;
  return out;
}

TEST(SquaredError, of_known_rows) {
  const std::vector<float> x = {1, 2, 4, 0, 1, 0}, targets = {1, 0, 1, 0, 0.5, 0};
  const std::vector<Token> labels = {2, 1};
  for_each_target([&](auto) {
    EXPECT_EQ(errors_of(x, 3, targets), (std::vector<double>{13.0 / 3, 0.25 / 3}));
    EXPECT_EQ(errors_of(x, 3, labels), (std::vector<double>{14.0 / 3, 0}));
    EXPECT_EQ(gradient_of(x, 3, labels, {3, 6}), (std::vector<float>{2, 4, 6, 0, 0, 0}));
    EXPECT_EQ(gradient_of(x, 3, targets, {3, 6}), (std::vector<float>{0, 4, 6, 0, 2, 0}));
  });
}

TEST(SquaredError, agrees_with_plain_loops) {
  for (const std::int64_t n : {1, 3, 8, 17, 113}) {
    const std::int64_t rows = 1500;
    const std::vector<float> x = random_numbers(rows * n, 1), targets = random_numbers(rows * n, 2);
    const std::vector<double> d = random_numbers<double>(rows, 3);
    std::vector<double> errors(d.size()), grad;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::size_t row = i / static_cast<std::size_t>(n);
      const double e = static_cast<double>(x[i]) - static_cast<double>(targets[i]);
      errors[row] += e * e / static_cast<double>(n);
      grad.push_back(d[row] * 2 / static_cast<double>(n) * e);
    }
    for_each_target([&](auto) {
      expect_close(errors_of(x, n, targets), errors, 1e-15);
      expect_close(gradient_of(x, n, targets, d), grad, 6e-8);
    });
  }
}

TEST(SquaredError, of_labels_is_that_of_their_one_hot_rows) {
  for (const std::int64_t n : {1, 5, 16, 114}) {
    const std::vector<float> x = random_numbers(300 * n, 4);
    const std::vector<Token> labels = random_tokens(300, static_cast<Token>(n), 5);
    const std::vector<double> d = random_numbers<double>(300, 6);
    for_each_target([&](auto) {
      EXPECT_EQ(errors_of(x, n, labels), errors_of(x, n, one_hot(labels, n)));
      EXPECT_EQ(gradient_of(x, n, labels, d), gradient_of(x, n, one_hot(labels, n), d));
    });
  }
}

TEST(SquaredError, of_centred_labels_is_that_of_their_rows_less_the_mean) {
  ThreadPool pool(1);
  for (const std::int64_t n : {1, 4, 16, 64}) {  // 1 / n is exact
    const std::vector<float> x = random_numbers(300 * n, 4);
    const std::vector<Token> labels = random_tokens(300, static_cast<Token>(n), 5);
    const std::vector<double> d = random_numbers<double>(300, 6);
    std::vector<float> rows = one_hot(labels, n);
    for (float& target : rows) target -= 1 / static_cast<float>(n);
    for_each_target([&](auto) {
      std::vector<double> errors(300);
      std::vector<float> dx(x.size());
      squared_error(x, n, labels, errors, pool, LabelRow::centred);
      squared_error_grad(x, n, labels, d, dx, pool, LabelRow::centred);
      EXPECT_EQ(errors, errors_of(x, n, rows));
      EXPECT_EQ(dx, gradient_of(x, n, rows, d));
    });
  }
}

// 19 classes leave lanes of every vector beyond the row's end, which must add nothing.
TEST(SquaredError, of_centred_labels_at_their_own_rows_is_zero) {
  ThreadPool pool(1);
  const std::vector<Token> labels = random_tokens(100, 19, 5);
  std::vector<float> rows = one_hot(labels, 19);
  for (float& target : rows) target -= 1.0f / 19;
  for_each_target([&](auto) {
    std::vector<double> errors(100);
    squared_error(rows, 19, labels, errors, pool, LabelRow::centred);
    for (const double error : errors) EXPECT_LT(error, 1e-15);
  });
}

TEST(SquaredError, nan_spoils_its_own_row_only) {
  std::vector<float> x = random_numbers(3 * 20, 7);
  x[25] = std::nanf("");
  const std::vector<Token> labels = {1, 2, 3};
  for_each_target([&](auto) {
    const std::vector<double> errors = errors_of(x, 20, labels);
    for (std::size_t row = 0; row < 3; ++row) EXPECT_EQ(std::isnan(errors[row]), row == 1);
  });
}

TEST(SquaredError, gives_the_same_bits_for_any_number_of_threads_and_target) {
  const std::vector<float> x = random_numbers(2000 * 113, 8);
  const std::vector<Token> labels = random_tokens(2000, 113, 9);
  const std::vector<double> d = random_numbers<double>(2000, 10);
  for_each_target([&](auto) {
    for (const int n_threads : {2, 4, 8}) {
      EXPECT_TRUE(same_bits(errors_of(x, 113, labels), errors_of(x, 113, labels, n_threads)));
      EXPECT_TRUE(
          same_bits(gradient_of(x, 113, labels, d), gradient_of(x, 113, labels, d, n_threads)));
    }
  });
  expect_equal_bits_on_fused_targets([&] { return errors_of(x, 113, labels); });
  expect_equal_bits_on_fused_targets([&] { return gradient_of(x, 113, labels, d); });
}

}  // namespace
}  // namespace grok
