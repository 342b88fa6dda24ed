#include "grok/kernels/margins.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "grok/kernels/testing.h"

namespace grok {
namespace {

using namespace grok::testing;

std::vector<double> losses_of(const std::vector<float>& x, std::int64_t n,
                              const std::vector<Token>& labels, const Hinge& h, int n_threads = 1) {
  ThreadPool pool(n_threads);
  std::vector<double> losses(labels.size());
  hinge(x, n, labels, h, losses, pool);
  return losses;
}

std::vector<float> gradient_of(const std::vector<float>& x, std::int64_t n,
                               const std::vector<Token>& labels, const std::vector<double>& d,
                               const Hinge& h, int n_threads = 1) {
  ThreadPool pool(n_threads);
  std::vector<float> dx(x.size());
  hinge_grad(x, n, labels, d, h, dx, pool);
  return dx;
}

// Of a label 2 above one class and 0.5 above another, only the second costs.
TEST(Hinge, of_known_rows) {
  const std::vector<float> x = {3, 1, 2.5, 0, 4, 4};
  const std::vector<Token> labels = {0, 0};
  EXPECT_EQ(losses_of(x, 3, labels, {}), (std::vector<double>{0.5, 5}));
  EXPECT_EQ(losses_of(x, 3, labels, {.margin = 3}), (std::vector<double>{2.5, 7}));
  EXPECT_EQ(losses_of(x, 3, labels, {.rivals = Rivals::all}),
            (std::vector<double>{0.5 / 3, 10.0 / 3}));
  // The first of equal rivals.
  EXPECT_EQ(gradient_of(x, 3, labels, {3, 6}, {}), (std::vector<float>{-3, 0, 3, -6, 6, 0}));
  EXPECT_EQ(gradient_of(x, 3, labels, {3, 6}, {.rivals = Rivals::all}),
            (std::vector<float>{-1, 0, 1, -4, 2, 2}));
}

TEST(Hinge, is_zero_from_the_margin_on) {
  EXPECT_EQ(losses_of({1, 0}, 2, {0}, {}), std::vector<double>{0});
  EXPECT_EQ(gradient_of({1, 0}, 2, {0}, {1}, {}), (std::vector<float>{0, 0}));
  EXPECT_EQ(losses_of({5}, 1, {0}, {}), std::vector<double>{0});
  EXPECT_EQ(gradient_of({5}, 1, {0}, {1}, {}), std::vector<float>{0});
}

TEST(Hinge, nan_spoils_its_own_row_only) {
  for (const Rivals rivals : {Rivals::nearest, Rivals::all})
    for (const std::size_t at : {20u, 25u, 29u}) {
      std::vector<float> x = random_numbers(3 * 10, 7);
      x[at] = std::nanf("");
      const std::vector<double> losses = losses_of(x, 10, {1, 2, 3}, {.rivals = rivals});
      for (std::size_t row = 0; row < 3; ++row) EXPECT_EQ(std::isnan(losses[row]), row == 2) << at;
    }
}

TEST(LabelMargin, is_what_the_label_has_above_the_mean) {
  ThreadPool pool(1);
  const std::vector<float> x = {1, 2, 6, 0, 0, 0};
  const std::vector<Token> labels = {2, 1};
  std::vector<double> margins(2);
  label_margin(x, 3, labels, margins, pool);
  EXPECT_EQ(margins, (std::vector<double>{3, 0}));
  std::vector<float> dx(6);
  const std::vector<double> d = {3, 6};
  label_margin_grad(3, labels, d, dx, pool);
  EXPECT_EQ(dx, (std::vector<float>{-1, -1, 2, -2, 4, -2}));
}

TEST(Margins, give_the_same_bits_for_any_number_of_threads) {
  const std::vector<float> x = random_numbers(2000 * 113, 8);
  const std::vector<Token> labels = random_tokens(2000, 113, 9);
  const std::vector<double> d = random_numbers<double>(2000, 10);
  for (const Rivals rivals : {Rivals::nearest, Rivals::all})
    for (const int n_threads : {2, 4, 8}) {
      const Hinge h{.rivals = rivals};
      EXPECT_TRUE(same_bits(losses_of(x, 113, labels, h), losses_of(x, 113, labels, h, n_threads)));
      EXPECT_TRUE(same_bits(gradient_of(x, 113, labels, d, h),
                            gradient_of(x, 113, labels, d, h, n_threads)));
    }
}

}  // namespace
}  // namespace grok
