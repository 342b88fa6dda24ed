// Probes of circuits on weights of which it is known what they compose to.

#include <cmath>

#include <gtest/gtest.h>

#include "grok/probes/testing.h"

namespace grok {
namespace {

// As many tokens as classes: 12, with '='.
constexpr int p = 11;
constexpr int d_vocab = p + 1;

Params model_of(std::int64_t n_layers, std::int64_t d_model, std::int64_t d_head,
                bool is_tied = false) {
  Params params = checked_params(models::transformer().schema(),
                                 {{"n_layers", n_layers},
                                  {"d_model", d_model},
                                  {"n_heads", std::int64_t{2}},
                                  {"d_head", d_head},
                                  {"tied", is_tied},
                                  {"attn_only", true}},
                                 {{"seed", std::int64_t{1}}});
  params.set("name", std::string("transformer"));
  return params;
}

float& at(Tensor& t, std::int64_t i, std::int64_t j, std::int64_t k) {
  return t.data[static_cast<std::size_t>((i * t.shape[1] + j) * t.shape[2] + k)];
}

void set_identity(Tensor& t) {
  for (std::size_t i = 0; i < t.data.size(); ++i)
    t.data[i] = i % static_cast<std::size_t>(t.shape[1] + 1) == 0 ? 1 : 0;
}

// Embedding and unembedding do nothing. What head 0 reads of the first 2 axes it writes there
// again, as `turn` says; it looks from each token at the same token. Head 1 does nothing.
Weights heads_that(const TaskData& task, const Params& model, const float (&turn)[2][2]) {
  Weights w = small_weights(task, model);
  for (auto& [name, tensor] : w)
    if (name.starts_with("blocks."))
      for (float& x : tensor.data) x = 0;
  set_identity(w.at("embed.W_E"));
  if (w.find("unembed.W_U")) set_identity(w.at("unembed.W_U"));
  for (int i = 0; i < 2; ++i) {
    for (const char* name : {"W_V", "W_Q", "W_K"})
      at(w.at(std::string("blocks.0.attn.") + name), 0, i, i) = 1;
    for (int j = 0; j < 2; ++j) at(w.at("blocks.0.attn.W_O"), 0, i, j) = turn[i][j];
  }
  return w;
}

Measurements measured(const TaskData& task, const Params& model, const Weights& weights) {
  ThreadPool pool(2);
  const std::vector<std::string> names{"circuits", "circuit_eigenvalues", "composition_scores"};
  return ProbeSet(model, task, names, pool).measure(weights);
}

TEST(Circuits, of_a_head_that_copies_score_one) {
  const TaskData task = small_task(p);
  for (const bool is_tied : {false, true}) {
    const Params model = model_of(1, d_vocab, 3, is_tied);
    const Measurements got = measured(task, model, heads_that(task, model, {{2, 0}, {0, 5}}));
    ASSERT_EQ(got.array("ov_copying_score")->shape, (Shape{1, 2}));
    EXPECT_NEAR(got.array("ov_copying_score")->data[0], 1, 1e-12);
    EXPECT_NEAR(got.array("qk_matching_score")->data[0], 1, 1e-12);
    EXPECT_EQ(got.array("ov_copying_score")->data[1], 0);
    const DoubleTensor& values = *got.array("ov_eigenvalues");
    ASSERT_EQ(values.shape, (Shape{1, 2, 3, 2}));
    const double want[] = {5, 0, 2, 0, 0, 0};
    for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(values.data[i], want[i], 1e-12) << i;
  }
}

TEST(Circuits, of_a_head_that_turns_or_denies_do_not_copy) {
  const TaskData task = small_task(p);
  const Params model = model_of(1, d_vocab, 3);
  const auto score = [&](const float(&turn)[2][2]) {
    return measured(task, model, heads_that(task, model, turn)).array("ov_copying_score")->data[0];
  };
  EXPECT_NEAR(score({{0, -1}, {1, 0}}), 0, 1e-12);
  EXPECT_NEAR(score({{1, -1}, {1, 1}}), std::sqrt(0.5), 1e-12);  // 1 + i and 1 - i
  EXPECT_NEAR(score({{-3, 0}, {0, -1}}), -1, 1e-12);
  EXPECT_NEAR(score({{3, 0}, {0, -1}}), 0.5, 1e-12);
}

// The trace of the whole product, written out.
TEST(Circuits, have_the_traces_of_the_whole_products) {
  const TaskData task = small_task(p);
  const Params model = model_of(2, 10, 4);
  const Weights w = small_weights(task, model);
  const Measurements got = measured(task, model, w);
  const auto n = [](const Tensor& t, std::int64_t i, std::int64_t j) {
    return static_cast<double>(t.data[static_cast<std::size_t>(i * t.shape[1] + j)]);
  };
  const auto in_head = [](const Tensor& t, std::int64_t h, std::int64_t i, std::int64_t j) {
    return static_cast<double>(
        t.data[static_cast<std::size_t>((h * t.shape[1] + i) * t.shape[2] + j)]);
  };
  const Tensor &W_E = w.at("embed.W_E"), &W_U = w.at("unembed.W_U");
  const Tensor &V = w.at("blocks.1.attn.W_V"), &O = w.at("blocks.1.attn.W_O");
  const Tensor &Q = w.at("blocks.1.attn.W_Q"), &K = w.at("blocks.1.attn.W_K");
  double ov = 0, qk = 0;
  for (int t = 0; t < d_vocab; ++t)
    for (int i = 0; i < 10; ++i)
      for (int e = 0; e < 4; ++e)
        for (int j = 0; j < 10; ++j) {
          ov += n(W_E, t, i) * in_head(V, 1, i, e) * in_head(O, 1, e, j) * n(W_U, j, t);
          qk += n(W_E, t, i) * in_head(Q, 1, i, e) * in_head(K, 1, j, e) * n(W_E, t, j);
        }
  double ov_found = 0, qk_found = 0;
  for (std::size_t e = 0; e < 4; ++e) {
    ov_found += got.array("ov_eigenvalues")->data[(3 * 4 + e) * 2];
    qk_found += got.array("qk_eigenvalues")->data[(3 * 4 + e) * 2];
  }
  EXPECT_NEAR(ov_found, ov, 1e-10);
  EXPECT_NEAR(qk_found, qk, 1e-10);
  EXPECT_GT(std::fabs(ov), 1e-3);
}

double later_on_earlier(const Measurements& got, const char* name, std::size_t later,
                        std::size_t earlier) {
  return got.array(name)->data[((2 + later) * 2) * 2 + earlier];
}

TEST(Composition, of_random_heads_is_near_one_over_the_root_of_the_width) {
  const TaskData task = small_task(p);
  const Params model = model_of(2, 64, 8);
  const Measurements got = measured(task, model, small_weights(task, model));
  for (const char* name : {"q_composition", "k_composition", "v_composition"}) {
    const DoubleTensor& scores = *got.array(name);
    ASSERT_EQ(scores.shape, (Shape{2, 2, 2, 2}));
    for (std::size_t later = 0; later < 2; ++later)
      for (std::size_t earlier = 0; earlier < 2; ++earlier)
        EXPECT_NEAR(later_on_earlier(got, name, later, earlier) * 8, 1, 0.35) << name;
    for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(scores.data[i], 0) << "no layer is before 0";
    for (std::size_t i : {10u, 11u, 14u, 15u})
      EXPECT_EQ(scores.data[i], 0) << "nor layer 1 before 1";
  }
}

// Heads of width 1: what head 0 of layer 0 writes is the very direction that one of layer 1 reads.
TEST(Composition, of_a_head_that_reads_what_another_writes_is_one) {
  const TaskData task = small_task(p);
  const Params model = model_of(2, 16, 1);
  const Weights random = small_weights(task, model);
  for (const auto& [way, score] :
       {std::pair{"W_Q", "q_composition"}, std::pair{"W_K", "k_composition"},
        std::pair{"W_V", "v_composition"}}) {
    Weights w = random;
    for (int i = 0; i < 16; ++i)
      at(w.at(std::string("blocks.1.attn.") + way), 1, i, 0) =
          3 * at(w.at("blocks.0.attn.W_O"), 0, 0, i);
    const Measurements got = measured(task, model, w);
    for (const char* name : {"q_composition", "k_composition", "v_composition"}) {
      EXPECT_EQ(later_on_earlier(got, name, 1, 0) > 0.999999, name == std::string(score)) << name;
      EXPECT_LE(later_on_earlier(got, name, 1, 0), 1 + 1e-12);
      EXPECT_LT(later_on_earlier(got, name, 1, 1), 0.9);
    }
  }
}

using Square = std::vector<double>;
constexpr std::size_t width = 10;

// a b^T of one head's parts: W_Q and W_K [d_model, d_head], or W_V and W_O, which comes as it is.
Square whole(const Tensor& a, const Tensor& b, std::int64_t h, bool b_is_rows) {
  Square out(width * width);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i / width),
               column = static_cast<std::int64_t>(i % width);
    for (std::int64_t e = 0; e < a.shape[2]; ++e) {
      Tensor left = a, right = b;
      out[i] += static_cast<double>(at(left, h, row, e)) *
                static_cast<double>(b_is_rows ? at(right, h, e, column) : at(right, h, column, e));
    }
  }
  return out;
}

double length(const Square& m) {
  double sum = 0;
  for (const double x : m) sum += x * x;
  return std::sqrt(sum);
}

double composed(const Square& a, const Square& b) {
  Square out(width * width);
  for (std::size_t i = 0; i < width; ++i)
    for (std::size_t k = 0; k < width; ++k)
      for (std::size_t j = 0; j < width; ++j)
        out[i * width + j] += a[i * width + k] * b[k * width + j];
  return length(out) / (length(a) * length(b));
}

TEST(Composition, is_that_of_the_whole_matrices) {
  const TaskData task = small_task(p);
  const Params model = model_of(2, width, 3);
  Weights w = small_weights(task, model);
  for (auto& [name, tensor] : w)  // columns of different size, so that no two ways in are alike
    if (name.starts_with("blocks.1"))
      for (std::size_t i = 0; i < tensor.data.size(); ++i)
        tensor.data[i] *= static_cast<float>(1 + (i * (name.back() == 'K' ? 5 : 3)) % 7);
  const Measurements got = measured(task, model, w);
  const auto weight = [&](int layer, const char* name) -> const Tensor& {
    return w.at("blocks." + std::to_string(layer) + ".attn." + name);
  };
  for (std::int64_t later = 0; later < 2; ++later)
    for (std::int64_t earlier = 0; earlier < 2; ++earlier) {
      const auto expect_score = [&](const char* name, const Square& b) {
        const Square a = whole(weight(0, "W_V"), weight(0, "W_O"), earlier, true);
        EXPECT_NEAR(later_on_earlier(got, name, static_cast<std::size_t>(later),
                                     static_cast<std::size_t>(earlier)),
                    composed(a, b), 1e-12)
            << name;
      };
      expect_score("q_composition", whole(weight(1, "W_Q"), weight(1, "W_K"), later, false));
      expect_score("k_composition", whole(weight(1, "W_K"), weight(1, "W_Q"), later, false));
      expect_score("v_composition", whole(weight(1, "W_V"), weight(1, "W_O"), later, true));
    }
}

TEST(Composition, of_a_dead_head_is_nothing) {
  const TaskData task = small_task(p);
  const Params model = model_of(2, 16, 4);
  Weights w = small_weights(task, model);
  for (float& x : w.at("blocks.0.attn.W_O").data) x = 0;
  const Measurements got = measured(task, model, w);
  for (const double x : got.array("v_composition")->data) EXPECT_EQ(x, 0);
}

}  // namespace
}  // namespace grok
