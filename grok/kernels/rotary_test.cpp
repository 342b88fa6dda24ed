#include "grok/kernels/rotary.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "grok/kernels/testing.h"

namespace grok {
namespace {

using namespace grok::testing;

std::vector<float> rotated(const RotaryShape& shape, const std::vector<float>& x, int n_threads = 1,
                           Turn turn = Turn::forth) {
  ThreadPool pool(n_threads);
  std::vector<float> table(static_cast<std::size_t>(shape.n_pos * shape.n_rotary));
  rotary_table(shape, 10000, turn, table);
  std::vector<float> out(x.size());
  rotate(shape, x, table, out, pool);
  return out;
}

std::vector<float> numbers_for(const RotaryShape& s, std::uint64_t seed = 1) {
  return random_numbers(s.batch * s.n_pos * s.n_heads * s.d_head, seed);
}

const RotaryShape shapes[] = {
    {2, 3, 5, 7, 6}, {1, 4, 1, 2, 2}, {3, 2, 4, 32, 32}, {2, 5, 3, 70, 66}, {600, 5, 2, 40, 36}};

// Two numbers of the first pair, two of the second, and a fifth that stays.
TEST(Rotary, turns_number_i_with_number_i_plus_half) {
  const RotaryShape shape{1, 3, 1, 5, 4};
  std::vector<float> x;
  for (int pos = 0; pos < 3; ++pos) x.insert(x.end(), {1, 10, 0, 0, 7});
  for_each_target([&](auto) {
    const std::vector<float> y = rotated(shape, x);
    for (std::size_t pos = 0; pos < 3; ++pos) {
      const auto angle = static_cast<double>(pos);  // of pair 0; pair 1 turns 10000^(1/2) slower
      EXPECT_NEAR(y[5 * pos], std::cos(angle), 1e-7);
      EXPECT_NEAR(y[5 * pos + 2], std::sin(angle), 1e-7);
      EXPECT_NEAR(y[5 * pos + 1], 10 * std::cos(angle / 100), 1e-6);
      EXPECT_NEAR(y[5 * pos + 3], 10 * std::sin(angle / 100), 1e-6);
      EXPECT_EQ(y[5 * pos + 4], 7);
    }
  });
}

TEST(Rotary, leaves_the_first_position_and_turns_back) {
  for (const RotaryShape& s : shapes) {
    const std::vector<float> x = numbers_for(s);
    for_each_target([&](auto) {
      const std::vector<float> y = rotated(s, x), back = rotated(s, y, 1, Turn::back);
      const auto width = static_cast<std::size_t>(s.n_heads * s.d_head);
      for (std::size_t i = 0; i < width; ++i) ASSERT_EQ(y[i], x[i]);
      for (std::size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(back[i], x[i], 4e-7);
    });
  }
}

// What it is for: scores depend on how far apart query and key are, not on where.
TEST(Rotary, keeps_products_of_vectors_equally_far_apart) {
  const RotaryShape shape{1, 50, 1, 16, 16};
  const std::vector<float> q = random_numbers(16, 2), k = random_numbers(16, 3);
  std::vector<float> qs, ks;
  for (int pos = 0; pos < 50; ++pos) {
    qs.insert(qs.end(), q.begin(), q.end());
    ks.insert(ks.end(), k.begin(), k.end());
  }
  qs = rotated(shape, qs);
  ks = rotated(shape, ks);
  const auto product = [&](std::size_t i, std::size_t j) {
    double sum = 0;
    for (std::size_t c = 0; c < 16; ++c)
      sum += static_cast<double>(qs[16 * i + c]) * static_cast<double>(ks[16 * j + c]);
    return sum;
  };
  for (const std::size_t apart : {0u, 1u, 7u})
    for (std::size_t j = 0; j + apart < 50; ++j)
      EXPECT_NEAR(product(j + apart, j), product(apart, 0), 3e-6);
  EXPECT_GT(std::abs(product(1, 0) - product(0, 0)), 1e-2);
}

TEST(Rotary, gives_the_same_bits_for_any_number_of_threads_and_target) {
  for (const RotaryShape& s : shapes) {
    const std::vector<float> x = numbers_for(s);
    for_each_target([&](auto) {
      for (const int n_threads : {2, 4, 8})
        EXPECT_TRUE(same_bits(rotated(s, x), rotated(s, x, n_threads)));
    });
    expect_equal_bits_on_fused_targets([&] { return rotated(s, x); });
  }
}

}  // namespace
}  // namespace grok
