#include "grok/base/mersenne_twister.h"

#include <gtest/gtest.h>

#include "grok/base/error.h"

namespace grok {
namespace {

// 5489 is the seed that C++ prescribes for std::mt19937, whose 10000th word the standard fixes.
TEST(MersenneTwister, gives_the_word_that_the_cpp_standard_fixes) {
  MersenneTwister bits(5489);
  EXPECT_EQ(bits.next(), 3499211612u);
  for (int i = 2; i < 10000; ++i) bits.next();
  EXPECT_EQ(bits.next(), 4123659995u);
}

// The first words that the authors print for their seeding by {0x123, 0x234, 0x345, 0x456}.
TEST(MersenneTwister, gives_its_authors_words_when_seeded_from_an_array) {
  const std::array<std::uint32_t, 4> key{0x123, 0x234, 0x345, 0x456};
  MersenneTwister bits{std::span<const std::uint32_t>(key)};
  for (const std::uint32_t want : {1067595299u, 955945823u, 477289528u, 4107218783u, 4228976476u})
    EXPECT_EQ(bits.next(), want);
  EXPECT_THROW(MersenneTwister{std::span<const std::uint32_t>()}, ContractBroken);
}

TEST(MersenneTwister, masked_draws_stay_within_their_bound_and_reach_it) {
  MersenneTwister bits(1);
  std::array<int, 5> counts{};
  for (int i = 0; i < 5000; ++i) ++counts.at(bits.masked_at_most(4));
  for (const int c : counts) EXPECT_NEAR(c, 1000, 150);
  MersenneTwister a(1), b(1);
  EXPECT_EQ(a.masked_at_most(0), 0u);
  EXPECT_EQ(a.next(), b.next()) << "a draw from one value takes no bits";
}

}  // namespace
}  // namespace grok
