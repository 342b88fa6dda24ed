#include "grok/base/rng.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "grok/base/error.h"

namespace grok {
namespace {

using Words4 = std::array<std::uint32_t, 4>;

// The known-answer vectors that the authors of Philox publish with Random123.
TEST(Philox, gives_the_published_vectors) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (Words4{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox4x32({ones, ones, ones, ones}, {ones, ones}),
            (Words4{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words4{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Rng, draws_depend_on_seed_stream_and_index_alone) {
  const Rng a(7, "init");
  EXPECT_EQ(a.bits(5), Rng(7, "init").bits(5));
  std::set<std::uint64_t> seen;
  for (const std::uint64_t seed : {7ULL, 8ULL, 7ULL << 32})
    for (const char* stream : {"init", "split", ""})
      for (std::uint64_t i = 0; i < 100; ++i) seen.insert(Rng(seed, stream).bits(i));
  EXPECT_EQ(seen.size(), 900u);
}

TEST(Rng, uniforms_fill_the_unit_interval_evenly) {
  const Rng rng(1, "uniform");
  constexpr int n = 100000;
  std::array<int, 10> bins{};
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    const double u = rng.uniform(static_cast<std::uint64_t>(i));
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    ASSERT_LT(rng.uniform_float(static_cast<std::uint64_t>(i)), 1.0f);
    ASSERT_NEAR(rng.uniform_float(static_cast<std::uint64_t>(i)), u, 0x1p-24);
    ++bins[static_cast<std::size_t>(10 * u)];
    sum += u;
  }
  EXPECT_NEAR(sum / n, 0.5, 5 * std::sqrt(1.0 / 12 / n));
  for (const int count : bins) EXPECT_NEAR(count, n / 10, 5 * std::sqrt(0.09 * n));
}

TEST(Rng, normals_have_the_moments_of_the_normal_law) {
  const Rng rng(2, "normal");
  constexpr int n = 200000;
  double m1 = 0, m2 = 0, m4 = 0, neighbours = 0;
  for (int i = 0; i < n; ++i) {
    const double x = rng.normal(static_cast<std::uint64_t>(i));
    m1 += x / n;
    m2 += x * x / n;
    m4 += x * x * x * x / n;
    neighbours += x * rng.normal(static_cast<std::uint64_t>(i) ^ 1) / n;
  }
  EXPECT_NEAR(m1, 0, 5 / std::sqrt(n));
  EXPECT_NEAR(m2, 1, 5 * std::sqrt(2.0 / n));
  EXPECT_NEAR(m4, 3, 5 * std::sqrt(96.0 / n));
  EXPECT_NEAR(neighbours, 0, 5 * std::sqrt(2.0 / n));
}

TEST(Rng, below_reaches_every_value_equally_often) {
  const Rng rng(3, "below");
  std::array<int, 7> counts{};
  for (std::uint64_t i = 0; i < 70000; ++i) ++counts[rng.below(i, 7)];
  for (const int c : counts) EXPECT_NEAR(c, 10000, 5 * std::sqrt(70000 * 6.0 / 49));
  EXPECT_THROW(rng.below(0, 0), ContractBroken);
}

TEST(Rng, shuffles_are_permutations_and_put_each_thing_anywhere) {
  std::array<std::array<int, 5>, 5> where{};
  constexpr int n = 20000;
  for (std::uint64_t seed = 0; seed < n; ++seed) {
    const auto order = Rng(seed, "split").shuffled(5);
    for (std::size_t i = 0; i < 5; ++i) ++where[i][static_cast<std::size_t>(order[i])];
    auto sorted = order;
    std::sort(sorted.begin(), sorted.end());
    ASSERT_EQ(sorted, (std::vector<std::int32_t>{0, 1, 2, 3, 4}));
  }
  for (const auto& row : where)
    for (const int c : row) EXPECT_NEAR(c, n / 5, 5 * std::sqrt(n * 0.16));
  EXPECT_TRUE(Rng(0, "split").shuffled(0).empty());
}

// Recorded draws: they are part of what a spec means, so they may never change.
TEST(Rng, gives_the_recorded_draws) {
  const Rng rng(42, "golden");
  EXPECT_EQ(rng.bits(0), 10095087608010548779u);
  EXPECT_EQ(rng.bits(1), 3957533374445245926u);
  EXPECT_EQ(std::bit_cast<std::uint64_t>(rng.normal(0)), 4598682967170932489u);
  EXPECT_EQ(std::bit_cast<std::uint64_t>(rng.normal(3)), 4606766231967438715u);
  EXPECT_EQ(rng.shuffled(8), (std::vector<std::int32_t>{3, 0, 2, 1, 7, 5, 4, 6}));
}

}  // namespace
}  // namespace grok
