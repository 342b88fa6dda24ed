#include "grok/spec/suggest.h"

#include <vector>

#include <gtest/gtest.h>

namespace grok {
namespace {

const std::vector<std::string> known = {"lr", "betas", "weight_decay", "warmup_steps"};

TEST(SpellingDistance, counts_slips_of_the_hand) {
  EXPECT_EQ(spelling_distance("", "abc"), 3u);
  EXPECT_EQ(spelling_distance("same", "same"), 0u);
  EXPECT_EQ(spelling_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(spelling_distance("wieght", "weight"), 1u);
  EXPECT_EQ(spelling_distance("beta", "betas"), 1u);
}

TEST(NearestWord, finds_what_was_meant_and_nothing_far) {
  EXPECT_EQ(nearest_word("weight_decy", known), "weight_decay");
  EXPECT_EQ(nearest_word("wd", known), std::nullopt);
  EXPECT_EQ(nearest_word("momentum", known), std::nullopt);
  EXPECT_EQ(nearest_word("n", std::vector<std::string>{"p"}), std::nullopt);
  EXPECT_EQ(nearest_word(std::string(100000, 'x'), known), std::nullopt);
}

TEST(Suggestion, falls_back_on_the_list) {
  EXPECT_EQ(suggestion("batas", known), "; did you mean betas?");
  EXPECT_EQ(suggestion("momentum", known), "; known: lr, betas, weight_decay, warmup_steps");
  EXPECT_EQ(suggestion("x", {}), "");
}

}  // namespace
}  // namespace grok
