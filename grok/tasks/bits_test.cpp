// Tasks on bits: sparse_parity and boolean.
#include "grok/tasks/bits.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/tasks/testing.h"

namespace grok {
namespace {

Value word(const char* text) { return std::string(text); }

// Parity as the sign of a product, of the bits that are found to matter by flipping them.
TEST(SparseParity, is_the_sign_of_a_product) {
  const TaskData data = made(tasks::sparse_parity());
  EXPECT_EQ(data.n_ctx, 40);
  ASSERT_TRUE(data.features);
  int n_odd = 0;
  for (std::int64_t i = 0; i < data.n_examples(); ++i) {
    float product = -1;
    for (const Token bit : row_of(data.tokens, i).first(3))
      product *= -data.features->data[static_cast<std::size_t>(bit)];
    EXPECT_EQ(row_of(data.labels, i)[0], product > 0 ? 1 : 0);
    n_odd += row_of(data.labels, i)[0];
  }
  EXPECT_NEAR(n_odd / 512.0, 0.5, 0.1);
}

TEST(SparseParity, of_finite_data_has_as_many_as_asked_for) {
  const TaskData data = made(tasks::sparse_parity(), {{"data", word("finite")}});
  EXPECT_EQ(data.train.size(), 1000u);
  EXPECT_EQ(data.test.size(), 512u);
  EXPECT_FALSE(data.endless);
}

TEST(Bits, that_matter_are_the_first_or_drawn_ones) {
  const auto places = [](const char* subset, std::int64_t seed) {
    return relevant_bits(
        checked_params(tasks::sparse_parity().schema(),
                       {{"subset", word(subset)}, {"subset_seed", seed}, {"k", std::int64_t{6}}},
                       {{"seed", std::int64_t{0}}}));
  };
  EXPECT_EQ(places("first", 1), (Places{0, 1, 2, 3, 4, 5}));
  const Places drawn = places("drawn", 1);
  EXPECT_NE(drawn, places("drawn", 2));
  EXPECT_EQ(std::set<std::size_t>(drawn.begin(), drawn.end()).size(), 6u);
  EXPECT_LT(*std::max_element(drawn.begin(), drawn.end()), 40u);
}

// Of the drawn bits, each turns the answer when it is flipped: so no answer is the same for two
// rows that differ in one of them. Checked on all rows of few bits.
TEST(SparseParity, depends_on_the_drawn_bits_only) {
  const Params params{{"n_bits", std::int64_t{6}},
                      {"k", std::int64_t{2}},
                      {"subset", word("drawn")},
                      {"n_test", std::int64_t{2000}}};
  const TaskData data = made(tasks::sparse_parity(), params);
  const Places places = relevant_bits(
      checked_params(tasks::sparse_parity().schema(), params, {{"seed", std::int64_t{7}}}));
  std::vector<Token> answer(64, -1);
  for (std::int64_t i = 0; i < data.n_examples(); ++i) {
    std::size_t row = 0;
    for (std::size_t j = 0; j < 6; ++j)
      row |= static_cast<std::size_t>(row_of(data.tokens, i)[j]) << j;
    const Token label = row_of(data.labels, i)[0];
    EXPECT_TRUE(answer[row] == -1 || answer[row] == label);
    answer[row] = label;
  }
  for (std::size_t row = 0; row < 64; ++row)
    for (std::size_t j = 0; j < 6; ++j) {
      const bool matters = std::find(places.begin(), places.end(), j) != places.end();
      EXPECT_EQ(answer[row] != answer[row ^ (std::size_t{1} << j)], matters);
    }
}

// All functions of three bits from their truth tables, the first bit the most significant.
TEST(Boolean, functions_have_the_known_truth_tables) {
  const std::vector<std::pair<const char*, std::vector<int>>> tables{
      {"parity", {0, 1, 1, 0, 1, 0, 0, 1}},
      {"majority", {0, 0, 0, 1, 0, 1, 1, 1}},
      {"and", {0, 0, 0, 0, 0, 0, 0, 1}},
      {"or", {0, 1, 1, 1, 1, 1, 1, 1}},
      // - + -, - + +, - - +, - - -, + - +, + - -, + + -, + + +
      {"staircase", {-1, 1, -1, -3, 1, -1, 1, 3}},
      {"staircase_sign", {0, 1, 0, 0, 1, 0, 1, 1}}};
  for (const auto& [function, table] : tables) {
    const TaskData data =
        made(tasks::boolean(),
             {{"function", word(function)}, {"data", word("finite")}, {"n_bits", std::int64_t{5}}});
    for (std::int64_t i = 0; i < data.n_examples(); ++i) {
      const auto bits = row_of(data.tokens, i);
      const int expected = table[static_cast<std::size_t>(4 * bits[0] + 2 * bits[1] + bits[2])];
      const bool is_number = function == std::string("staircase");
      ASSERT_EQ(data.targets != nullptr, is_number);
      if (is_number) {
        EXPECT_EQ(data.targets->data[static_cast<std::size_t>(i)], static_cast<float>(expected));
        EXPECT_EQ(row_of(data.labels, i)[0], 0);
      } else {
        EXPECT_EQ(row_of(data.labels, i)[0], expected) << function;
      }
    }
  }
}

TEST(Boolean, refuses_what_can_be_undecided) {
  const auto refused = [](const TaskDef& def, const Params& given) {
    EXPECT_THROW(made(def, given), Error);
  };
  refused(tasks::boolean(), {{"function", word("majority")}, {"k", std::int64_t{4}}});
  refused(tasks::boolean(), {{"function", word("staircase_sign")}, {"k", std::int64_t{2}}});
  refused(tasks::boolean(), {{"function", word("staircase")}});
  refused(tasks::boolean(), {{"k", std::int64_t{21}}});
  refused(tasks::sparse_parity(), {{"k", std::int64_t{41}}});
  EXPECT_NO_THROW(made(tasks::boolean(), {{"function", word("and")}, {"k", std::int64_t{4}}}));
}

}  // namespace
}  // namespace grok
