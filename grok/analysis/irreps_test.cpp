#include "grok/analysis/irreps.h"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "grok/analysis/primitive_root.h"
#include "grok/base/error.h"
#include "grok/base/rng.h"

namespace grok {
namespace {

using Permutations = std::vector<std::vector<std::int32_t>>;

Permutations all_permutations(int n) {
  std::vector<std::int32_t> images(static_cast<std::size_t>(n));
  std::iota(images.begin(), images.end(), 0);
  Permutations out;
  do out.push_back(images);
  while (std::next_permutation(images.begin(), images.end()));
  return out;
}

TEST(Partitions, of_four_are_five) {
  EXPECT_EQ(partitions(4), (std::vector<Partition>{{4}, {3, 1}, {2, 2}, {2, 1, 1}, {1, 1, 1, 1}}));
  EXPECT_EQ(partitions(6).size(), 11u);
}

TEST(Characters, of_s4_are_those_of_the_books) {
  // Classes: four-cycles, three-cycles, pairs of swaps, one swap, the identity.
  const std::vector<std::vector<std::int64_t>> table{
      {1, 1, 1, 1, 1}, {-1, 0, -1, 1, 3}, {0, -1, 2, 0, 2}, {1, 0, -1, -1, 3}, {-1, 1, 1, -1, 1}};
  const auto all = partitions(4);
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < all.size(); ++j)
      EXPECT_EQ(character(all[i], all[j]), table[i][j]) << i << " at " << j;
}

TEST(Characters, are_orthonormal_over_the_group) {
  for (const int n : {1, 2, 3, 5, 6}) {
    const auto all = partitions(n);
    const Permutations group = all_permutations(n);
    std::vector<std::int64_t> sizes(all.size());
    for (const auto& g : group)
      ++sizes[static_cast<std::size_t>(std::ranges::find(all, cycle_lengths(g)) - all.begin())];
    for (const Partition& a : all)
      for (const Partition& b : all) {
        std::int64_t sum = 0;
        for (std::size_t c = 0; c < all.size(); ++c)
          sum += sizes[c] * character(a, all[c]) * character(b, all[c]);
        EXPECT_EQ(sum, a == b ? static_cast<std::int64_t>(group.size()) : 0);
      }
  }
}

// Of functions on S_4 that are made of one representation: a constant, the sign, and where a thing
// goes, without the mean.
TEST(SharesOfIrreps, see_what_a_function_is_made_of) {
  const Permutations group = all_permutations(4);
  const auto sign = Partition{1, 1, 1, 1};
  std::vector<double> constant, alternating, image;
  for (const auto& g : group) {
    constant.push_back(2);
    alternating.push_back(static_cast<double>(character(sign, cycle_lengths(g))));
    for (std::size_t thing = 0; thing < 4; ++thing)
      image.push_back(g[1] == static_cast<int>(thing) ? 0.75 : -0.25);
  }
  const auto expect_one = [&](const std::vector<double>& f, std::size_t which) {
    const std::vector<double> got = shares_of_irreps(f, group);
    ASSERT_EQ(got.size(), 5u);
    for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], i == which ? 1 : 0, 1e-14);
  };
  expect_one(constant, 0);
  expect_one(image, 1);
  expect_one(alternating, 4);
}

TEST(SharesOfIrreps, of_a_random_function_are_its_dimensions_squared) {
  for (const int n : {3, 5}) {
    const Permutations group = all_permutations(n);
    const Rng rng(1, "function");
    std::vector<double> f(group.size() * 400);
    for (std::size_t i = 0; i < f.size(); ++i) f[i] = rng.normal(i);
    const std::vector<double> got = shares_of_irreps(f, group);
    EXPECT_NEAR(std::accumulate(got.begin(), got.end(), 0.0), 1, 1e-12);
    const Partition identity(static_cast<std::size_t>(n), 1);
    for (std::size_t i = 0; i < got.size(); ++i) {
      const auto d = static_cast<double>(character(partitions(n)[i], identity));
      EXPECT_NEAR(got[i], d * d / static_cast<double>(group.size()), 0.01) << i;
    }
  }
}

TEST(SharesOfIrreps, of_nothing_are_nothing) {
  const Permutations group = all_permutations(3);
  EXPECT_EQ(shares_of_irreps(std::vector<double>(6), group), std::vector<double>(3));
  EXPECT_THROW(shares_of_irreps(std::vector<double>(7), group), ContractBroken);
}

TEST(PrimitiveRoot, makes_every_residue_once_and_products_sums) {
  EXPECT_EQ(powers_of_primitive_root(7), (std::vector<int>{1, 3, 2, 6, 4, 5}));
  for (const int p : {2, 3, 5, 97, 113}) {
    std::vector<int> powers = powers_of_primitive_root(p);
    std::ranges::sort(powers);
    for (int i = 1; i < p; ++i) EXPECT_EQ(powers[static_cast<std::size_t>(i - 1)], i);
  }
  EXPECT_FALSE(is_prime(1));
  EXPECT_FALSE(is_prime(91));
  EXPECT_THROW(powers_of_primitive_root(91), ContractBroken);
}

}  // namespace
}  // namespace grok
