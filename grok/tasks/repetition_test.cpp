// The two tasks of repetition: repeated_subsequence and induction.
#include <algorithm>
#include <fstream>
#include <numeric>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "grok/base/error.h"
#include "grok/base/python_random.h"
#include "grok/tasks/testing.h"
#include "tests/support/reference_data.h"

namespace grok {
namespace {

Params subsequence_params(const char* rng, const char* kind) {
  return {{"data_rng", std::string(rng)},
          {"data", std::string(kind)},
          {"data_seed", std::int64_t{1}},
          {"n_test", std::int64_t{640}}};
}

// What an induction head would say: the token after the last place where the same two tokens stood.
// Chance brings the pair elsewhere too (about one row in ten), so not all answers need be found.
TEST(RepeatedSubsequence, is_predicted_by_what_followed_before) {
  for (const char* rng : {"philox", "numpy"}) {
    const TaskData data = made(tasks::repeated_subsequence(), subsequence_params(rng, "infinite"));
    ASSERT_EQ(data.n_answers, 30);
    ASSERT_EQ(data.n_ctx, 85);
    int found = 0, asked = 0;
    for (std::int64_t i = 0; i < data.n_examples(); ++i) {
      const auto row = row_of(data.tokens, i);
      const auto positions = row_of(data.positions, i);
      const auto labels = row_of(data.labels, i);
      EXPECT_EQ(row[0], 0);
      EXPECT_TRUE(std::all_of(row.begin() + 1, row.end(), [](Token t) { return t > 0; }));
      for (std::size_t k = 0; k < 30; ++k) {
        const auto at = static_cast<std::size_t>(positions[k]);
        EXPECT_EQ(labels[k], row[at + 1]);  // also: no answer at the sequence's end
        if (k % 15 == 0) continue;          // a subsequence's first token is met without context
        Token guess = -1;
        for (std::size_t j = 2; j < at; ++j)
          if (row[j] == row[at] && row[j - 1] == row[at - 1]) guess = row[j + 1];
        ++asked;
        found += guess == labels[k] ? 1 : 0;
      }
    }
    EXPECT_GT(found, asked * 995 / 1000) << rng;
  }
}

TEST(RepeatedSubsequence, begins_anywhere_where_it_fits) {
  const TaskData data =
      made(tasks::repeated_subsequence(), subsequence_params("philox", "infinite"));
  for (std::size_t copy : {0u, 1u}) {
    std::set<Token> starts;
    for (std::int64_t i = 0; i < data.n_examples(); ++i)
      starts.insert(row_of(data.positions, i)[15 * copy]);
    EXPECT_EQ(starts.size(), 13u);
    EXPECT_EQ(*starts.begin(), 29 + 28 * static_cast<Token>(copy));
  }
}

TEST(RepeatedSubsequence, draws_as_the_published_run_did) {
  const auto path = reference_file("inits/induction_finite_data_seed1.json");
  if (!path) GTEST_SKIP() << "no reference files here; see GROKSCOPE_REFERENCE";
  const nlohmann::json published = nlohmann::json::parse(std::ifstream(*path));
  const TaskData data = made(tasks::repeated_subsequence(), subsequence_params("numpy", "finite"));
  ASSERT_EQ(data.train.size(), 512u);
  ASSERT_EQ(data.test.size(), 640u);
  for (std::int64_t i = 0; i < data.n_examples(); ++i) {
    const std::string split = i < 512 ? "train" : "test";
    const auto at = static_cast<std::size_t>(i < 512 ? i : i - 512);
    EXPECT_EQ(row_vector(data.tokens, i),
              published[split + "_tokens"][at].get<std::vector<Token>>());
    const auto starts = published[split + "_starts"][at].get<std::vector<Token>>();
    EXPECT_EQ(row_of(data.positions, i)[0], starts[1]);
    EXPECT_EQ(row_of(data.positions, i)[29], starts[2] + 14);
  }
}

// As many draws as a batch takes, and then the tokens of the first step.
TEST(RepeatedSubsequence, without_end_skips_the_batch_that_was_only_printed) {
  const TaskData data =
      made(tasks::repeated_subsequence(), subsequence_params("numpy", "infinite"));
  const Examples first = batch_of(data, 30, 0);
  NumpyRandom stream(1);
  for (int i = 0; i < 30 * 85; ++i) stream.randint(1, 128);
  for (int i = 0; i < 30 * 3; ++i) stream.randint(0, 13);
  stream.randint(1, 128);  // where the begin token is put
  for (std::size_t i = 1; i <= 28; ++i) EXPECT_EQ(first.tokens.data[i], stream.randint(1, 128));
}

TEST(RepeatedSubsequence, refuses_what_does_not_fit) {
  EXPECT_THROW(made(tasks::repeated_subsequence(), {{"length", std::int64_t{85}}}), Error);
  EXPECT_THROW(made(tasks::repeated_subsequence(), {{"repeat_length", std::int64_t{29}}}), Error);
  EXPECT_NO_THROW(made(tasks::repeated_subsequence(), {{"repeat_length", std::int64_t{28}}}));
}

TEST(Induction, repeats_its_first_half) {
  for (const bool begin : {false, true}) {
    const TaskData data = made(tasks::induction(), {{"begin", begin}, {"length", std::int64_t{9}}});
    const std::size_t from = begin ? 1 : 0;
    ASSERT_EQ(data.n_ctx, 17 + static_cast<int>(from));
    ASSERT_EQ(data.n_answers, 8);
    for (std::int64_t i = 0; i < data.n_examples(); ++i) {
      // Where position j holds token x[j], an answer at the end must be 9 tokens further back.
      std::vector<Token> x = row_vector(data.tokens, i);
      EXPECT_EQ(x[0] == 64, begin);
      x.erase(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(from));
      x.push_back(row_of(data.labels, i).back());
      for (std::size_t j = 9; j < 18; ++j) EXPECT_EQ(x[j], x[j - 9]);
      for (std::size_t k = 0; k < 8; ++k) EXPECT_EQ(row_of(data.labels, i)[k], x[10 + k]);
    }
  }
}

}  // namespace
}  // namespace grok
