#include "grok/kernels/sum_squares.h"

#include <vector>

#include <gtest/gtest.h>

#include "grok/kernels/inner_products.h"
#include "grok/kernels/testing.h"

namespace grok {
namespace {

using namespace grok::testing;

std::vector<double> sum_of(const std::vector<float>& x, int n_threads = 1) {
  ThreadPool pool(n_threads);
  return {sum_of_squares(x, pool)};
}

TEST(SumSquares, of_known_arrays) {
  for_each_target([](auto) {
    EXPECT_EQ(sum_of({}), std::vector<double>{0});
    EXPECT_EQ(sum_of({3, -4}), std::vector<double>{25});
    // As many as make 64 chunks and more: none may be left out.
    for (const std::size_t n : {65536u, 65537u, 64u * 65536u, 64u * 65536u + 1u, 5'000'001u})
      EXPECT_EQ(sum_of(std::vector<float>(n, 2)),
                std::vector<double>{4.0 * static_cast<double>(n)});
  });
}

TEST(SumSquares, has_the_gradient_two_x) {
  ThreadPool pool(2);
  const std::vector<float> x = random_numbers(70'001, 1);
  std::vector<float> dx(x.size());
  std::vector<double> expected;
  for (const float v : x) expected.push_back(-3.0 * static_cast<double>(v));
  for_each_target([&](auto) {
    sum_squares_grad(x, -1.5, dx, pool);
    expect_close(dx, expected, 6e-8);
  });
}

TEST(SumSquares, gives_the_same_bits_for_any_number_of_threads_and_target) {
  const std::vector<float> x = random_numbers(1'000'003, 2);
  for (const int n_threads : {2, 4, 8}) EXPECT_TRUE(same_bits(sum_of(x), sum_of(x, n_threads)));
  expect_equal_bits_on_fused_targets([&] { return sum_of(x); });
}

}  // namespace
}  // namespace grok
