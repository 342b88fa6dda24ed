// Probes of attention on heads of which it is known where they look.

#include <cmath>

#include <gtest/gtest.h>

#include "grok/probes/capture_examples.h"
#include "grok/probes/testing.h"

namespace grok {
namespace {

constexpr int n_ctx = 9;  // of `repeated_task`
constexpr int half = 4;   // tokens in one saying
constexpr float sure = 1000;

TaskData repeated_task() {
  Params params = checked_params(tasks::induction().schema(),
                                 {{"n_tokens", std::int64_t{6}},
                                  {"length", std::int64_t{5}},
                                  {"begin", false},
                                  {"n_test", std::int64_t{16}}},
                                 {{"seed", std::int64_t{1}}});
  params.set("name", std::string("induction"));
  return tasks::data_of(params);
}

// Heads as wide as the context, so that they can tell every position.
Params attention_model(std::int64_t n_heads, std::int64_t width, bool is_causal = true) {
  Params params = checked_params(models::transformer().schema(),
                                 {{"d_model", width},
                                  {"n_heads", n_heads},
                                  {"d_head", width},
                                  {"attn_only", true},
                                  {"causal", is_causal}},
                                 {{"seed", std::int64_t{1}}});
  params.set("name", std::string("transformer"));
  return params;
}

float& at(Tensor& t, std::int64_t i, std::int64_t j, std::int64_t k) {
  return t.data[static_cast<std::size_t>((i * t.shape[1] + j) * t.shape[2] + k)];
}

// Head i looks back by back[i]; at all positions alike where that is 0, or where there is none.
Weights looking_back(const TaskData& task, const Params& model, const std::vector<int>& back) {
  Weights w = small_weights(task, model);
  for (auto& [name, tensor] : w)
    for (float& x : tensor.data) x = 0;
  Tensor& W_pos = w.at("pos_embed.W_pos");
  for (int i = 0; i < n_ctx; ++i) W_pos.data[static_cast<std::size_t>(i * n_ctx + i)] = 1;
  for (std::size_t h = 0; h < back.size(); ++h) {
    const auto head = static_cast<std::int64_t>(h);
    for (int i = back[h]; back[h] > 0 && i < n_ctx; ++i) {
      at(w.at("blocks.0.attn.W_Q"), head, i, i - back[h]) = sure;
      at(w.at("blocks.0.attn.W_K"), head, i - back[h], i - back[h]) = sure;
    }
  }
  return w;
}

class LookingBack : public testing::Test {
 protected:
  double of_head(const char* name, std::size_t h) const { return got.array(name)->data[h]; }

  TaskData task = repeated_task();
  Params model = attention_model(4, n_ctx);
  ThreadPool pool{2};
  const std::vector<std::string> names{"head_scores", "attention_pattern"};
  ProbeSet set{model, task, names, pool};
  // Previous token, induction, duplicate token, everywhere.
  Measurements got = set.measure(looking_back(task, model, {1, half - 1, half, 0}));
};

TEST_F(LookingBack, each_head_has_the_score_of_what_it_does) {
  ASSERT_EQ(task.n_ctx, n_ctx);
  ASSERT_EQ(got.array("prefix_matching_score")->shape, (Shape{1, 4}));
  EXPECT_NEAR(of_head("previous_token_score", 0), 1, 1e-6);
  EXPECT_NEAR(of_head("prefix_matching_score", 1), 1, 1e-6);
  EXPECT_NEAR(of_head("duplicate_token_score", 2), 1, 1e-6);
  EXPECT_NEAR(of_head("prefix_matching_score", 0), 0, 1e-6);
  EXPECT_NEAR(of_head("duplicate_token_score", 0), 0, 1e-6);
  EXPECT_NEAR(of_head("duplicate_token_score", 1), 0, 1e-6);
  EXPECT_NEAR(of_head("prefix_matching_score", 2), 0, 1e-6);
}

TEST_F(LookingBack, a_head_that_looks_everywhere_has_what_chance_gives) {
  double previous = 0, second = 0, nats = 0;
  for (int q = 1; q < 2 * half; ++q) previous += 1.0 / (q + 1);
  for (int q = half; q < 2 * half; ++q) second += 1.0 / (q + 1);
  for (int q = 0; q < n_ctx; ++q) nats += std::log(q + 1);
  EXPECT_NEAR(of_head("previous_token_score", 3), previous / (2 * half - 1), 1e-6);
  EXPECT_NEAR(of_head("prefix_matching_score", 3), second / half, 1e-6);
  EXPECT_NEAR(of_head("duplicate_token_score", 3), second / half, 1e-6);
  EXPECT_NEAR(of_head("attention_entropy", 3), nats / n_ctx, 1e-6);
  // Only where it finds nothing, at the first positions, is a sure head in doubt.
  EXPECT_NEAR(of_head("attention_entropy", 0), 0, 1e-6);
  EXPECT_NEAR(of_head("attention_entropy", 1), (std::log(2) + std::log(3)) / n_ctx, 1e-6);
}

TEST_F(LookingBack, the_pattern_shows_every_query) {
  const DoubleTensor& pattern = *got.array("attention_pattern");
  ASSERT_EQ(pattern.shape, (Shape{1, 4, n_ctx, n_ctx}));
  for (std::size_t q = 0; q < n_ctx; ++q)
    for (std::size_t k = 0; k < n_ctx; ++k) {
      EXPECT_NEAR(pattern.data[q * n_ctx + k], k + 1 == q || (q == 0 && k == 0) ? 1 : 0, 1e-6);
      EXPECT_NEAR(pattern.data[(3 * n_ctx + q) * n_ctx + k],
                  k <= q ? 1 / static_cast<double>(q + 1) : 0, 1e-6);
    }
  EXPECT_TRUE(got.arrays.back().precision == ArrayPrecision::f32);
}

TEST(RepeatedTokens, are_said_twice_and_are_the_same_each_time) {
  TaskData task;
  task.d_vocab = 7;
  for (const int context : {4, 9, 85}) {
    task.n_ctx = context;
    const TokenTensor tokens = repeated_tokens(task, 32);
    const int length = context >= 80 ? 40 : context / 2;
    EXPECT_EQ(repeated_length(task), length);
    for (std::size_t i = 0; i < tokens.data.size(); ++i) {
      EXPECT_GE(tokens.data[i], 1);
      EXPECT_LT(tokens.data[i], 7);
      if (static_cast<int>(i) % context >= length) {
        EXPECT_EQ(tokens.data[i], tokens.data[i - static_cast<std::size_t>(length)]);
      }
    }
    EXPECT_EQ(repeated_tokens(task, 32), tokens);
    EXPECT_EQ(tokens.shape, (Shape{32, context}));
  }
  task.n_ctx = 3;
  EXPECT_FALSE(has_room_to_repeat(task));
}

TEST(SampleRows, are_the_first_of_the_test_split) {
  TaskData task = small_task(11);
  const std::vector<std::int32_t> rows = sample_rows(task);
  ASSERT_EQ(rows.size(), 64u);
  EXPECT_TRUE(std::equal(rows.begin(), rows.end(), task.test.begin()));
  task.test.clear();
  EXPECT_EQ(sample_rows(task), task.train);
}

// 64 examples of this context would take more than is lent.
TEST(Captures, take_fewer_examples_where_each_takes_much) {
  TaskData task;
  task.d_vocab = task.d_vocab_out = 5;
  task.n_ctx = 600;
  task.tokens = TokenTensor({80, 600});
  task.labels = TokenTensor({80, 1});
  for (std::int32_t i = 0; i < 80; ++i) task.test.push_back(i);
  const Params model = attention_model(8, 4);
  const std::vector<std::string> hooks{"blocks.0.attn.hook_pattern"};
  const Graph graph = capture_graph(model, task, Where::sample, hooks);
  const std::int64_t n = graph.shape(graph.find_output(hooks[0]))[0];
  EXPECT_GE(n, 1);
  EXPECT_LE(n * 8 * 600 * 600 * 4, capture_bytes);
  EXPECT_GE(n * 8 * 600 * 600 * 4 * 8, capture_bytes);
}

TaskData skip_trigrams() {
  Params params = checked_params(tasks::skip_trigram().schema(), {}, {{"seed", std::int64_t{1}}});
  params.set("name", std::string("skip_trigram"));
  return tasks::data_of(params);
}

std::vector<double> source_attention(const TaskData& task, const Params& model,
                                     const Weights& weights) {
  ThreadPool pool(2);
  const std::vector<std::string> names{"source_attention"};
  const Measurements got = ProbeSet(model, task, names, pool).measure(weights);
  const DoubleTensor& found = *got.array("source_attention");
  return {found.data.begin(), found.data.end()};
}

bool is_key(const TaskData& task, int token) { return token >= task.d_vocab - task.d_vocab_out; }

// Head 0 looks at what is a key, head 1 at all alike.
TEST(SourceAttention, is_one_of_a_head_that_finds_the_key) {
  const TaskData task = skip_trigrams();
  const Params model = attention_model(2, 4);
  Weights w = small_weights(task, model);
  for (auto& [name, tensor] : w)
    for (float& x : tensor.data) x = 0;
  for (int token = 0; token < task.d_vocab; ++token) {
    w.at("embed.W_E").data[static_cast<std::size_t>(token * 4)] = 1;
    w.at("embed.W_E").data[static_cast<std::size_t>(token * 4 + 1)] = is_key(task, token);
  }
  at(w.at("blocks.0.attn.W_Q"), 0, 0, 0) = sure;
  at(w.at("blocks.0.attn.W_K"), 0, 1, 0) = sure;
  const std::vector<double> got = source_attention(task, model, w);
  ASSERT_EQ(got.size(), 2u);
  EXPECT_NEAR(got[0], 1, 1e-6);
  EXPECT_NEAR(got[1], 1.0 / task.n_ctx, 1e-6);
}

TEST(SourceAttention, is_measured_of_a_table_too) {
  const TaskData task = skip_trigrams();
  Params model =
      checked_params(models::attention_table().schema(), {}, {{"seed", std::int64_t{1}}});
  model.set("name", std::string("attention_table"));
  Weights w = small_weights(task, model);
  for (int token = 0; token < task.d_vocab; ++token)
    w.at("qk").data[static_cast<std::size_t>(token)] = is_key(task, token) ? std::log(3.0f) : 0.0f;
  const std::vector<double> got = source_attention(task, model, w);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_NEAR(got[0], 3.0 / (task.n_ctx + 2), 1e-6);
}

}  // namespace
}  // namespace grok
