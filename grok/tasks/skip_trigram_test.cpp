#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "grok/tasks/testing.h"
#include "tests/support/reference_data.h"

namespace grok {
namespace {

constexpr Token first_key = 12;

// The answer found by looking: the only key of the row.
TEST(SkipTrigram, asks_for_the_only_key_of_its_row) {
  for (const char* rng : {"philox", "torch"}) {
    const TaskData data = made(tasks::skip_trigram(), {{"data_rng", std::string(rng)}});
    EXPECT_EQ(data.n_ctx, 42);
    EXPECT_EQ(data.d_vocab, 22);
    std::vector<int> seen(10);
    for (std::int64_t i = 0; i < data.n_examples(); ++i) {
      const auto row = row_of(data.tokens, i);
      EXPECT_EQ(row[0], 0);
      EXPECT_EQ(row[41], 1);
      std::vector<Token> keys;
      for (const Token t : row.subspan(1, 40)) {
        EXPECT_GE(t, 2);
        if (t >= first_key) keys.push_back(t);
      }
      EXPECT_EQ(keys,
                std::vector<Token>{data.labels.data[static_cast<std::size_t>(i)] + first_key});
      ++seen[static_cast<std::size_t>(data.labels.data[static_cast<std::size_t>(i)])];
    }
    for (const int n : seen) EXPECT_GT(n, 0) << rng;
  }
}

TEST(SkipTrigram, draws_as_the_published_run_did) {
  const auto path = reference_file("inits/skip_trigram_finite_train50.json");
  if (!path) GTEST_SKIP() << "no reference files here; see GROKSCOPE_REFERENCE";
  const nlohmann::json published = nlohmann::json::parse(std::ifstream(*path));
  const TaskData data = made(tasks::skip_trigram(), {{"data_rng", std::string("torch")},
                                                     {"data", std::string("finite")},
                                                     {"n_train", std::int64_t{50}},
                                                     {"data_seed", std::int64_t{1230}}});
  for (std::int64_t i = 0; i < 50; ++i) {
    const auto at = static_cast<std::size_t>(i);
    EXPECT_EQ(row_vector(data.tokens, i), published["tokens"][at].get<std::vector<Token>>());
    EXPECT_EQ(data.labels.data[at], published["target"][at].get<Token>());
    const auto place = published["key_position"][at].get<std::size_t>();
    EXPECT_EQ(row_of(data.tokens, i)[place], data.labels.data[at] + first_key);
  }
}

}  // namespace
}  // namespace grok
