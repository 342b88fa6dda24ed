// The task virtual_heads is solved by one head a layer, the second of which moves on what the first
// has put there (a virtual head: Elhage et al. 2021, A mathematical framework for transformer
// circuits), and not without either of them or their composition. Weights made by hand.

#include <algorithm>
#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "grok/models/model.h"
#include "grok/plan/interpret.h"
#include "grok/tasks/testing.h"
#include "tests/support/graph_check.h"

namespace grok {
namespace {

constexpr int n_values = 8, d_vocab = 11, n_ctx = 49;
constexpr Token marker = 9, query = 10;
// The residual stream: the token, its position on a circle, the value of the slot (put there by
// layer 0), the answer (by layer 1).
constexpr int position = d_vocab, value = position + 2, answer = value + n_values;
constexpr int d_model = answer + n_values, d_head = n_values;

const Params sizes{{"d_model", std::int64_t{d_model}},
                   {"n_heads", std::int64_t{1}},
                   {"d_head", std::int64_t{d_head}},
                   {"n_layers", std::int64_t{2}},
                   {"attn_only", true}};

class Network {
 public:
  Network() {
    for (const WeightInfo& info : models::transformer().weights(params_, model_sizes(task_)))
      weights_.add(info.name, Tensor(info.shape));
    for (int token = 0; token < d_vocab; ++token) at("embed.W_E", token, token) = 1;
    constexpr double turn = std::numbers::pi / n_ctx;  // half a circle: no two positions are alike
    for (int i = 0; i < n_ctx; ++i) {
      at("pos_embed.W_pos", i, position) = static_cast<float>(std::cos(turn * i));
      at("pos_embed.W_pos", i, position + 1) = static_cast<float>(std::sin(turn * i));
    }
    // Layer 0 looks at the position before, whose angle is smaller by one turn, and moves the value
    // that stands there.
    constexpr float sharp = 1e5f;
    for (int j = 0; j < 2; ++j) {
      at("blocks.0.attn.W_K", position + j, j) = sharp;
      at("blocks.0.attn.W_Q", position + j, j) = static_cast<float>(std::cos(turn));
    }
    at("blocks.0.attn.W_Q", position + 1, 0) = static_cast<float>(std::sin(turn));
    at("blocks.0.attn.W_Q", position, 1) = -static_cast<float>(std::sin(turn));
    // Layer 1 looks from the query at all markers, and moves on what layer 0 has put there.
    at("blocks.1.attn.W_Q", query, 0) = 100;
    at("blocks.1.attn.W_K", marker, 0) = 1;
    for (int v = 0; v < n_values; ++v) {
      at("blocks.0.attn.W_V", v, v) = at("blocks.0.attn.W_O", v, value + v) = 1;
      at("blocks.1.attn.W_V", value + v, v) = at("blocks.1.attn.W_O", v, answer + v) = 1;
      at("unembed.W_U", answer + v, v) = 1;
    }
  }

  void ablate_head(int layer) {
    for (const char* part : {"W_V", "W_O"})
      std::ranges::fill(tensor("blocks." + std::to_string(layer) + ".attn." + part).data, 0.0f);
  }

  // Both heads stay as they look and move values: but the second one those that stand there anyway.
  void part_the_heads() {
    for (int v = 0; v < n_values; ++v) {
      at("blocks.1.attn.W_V", value + v, v) = 0;
      at("blocks.1.attn.W_V", v, v) = 1;
    }
  }

  double accuracy() const {
    Graph g;
    const NodeId tokens = g.constant(task_.tokens);
    g.output("logits", models::transformer().build(g, params_, model_sizes(task_), {tokens}));
    const DoubleTensors out = interpret(g, in_double(weights_));
    const DoubleTensor& logits = out.at("logits");
    const auto n_classes = static_cast<std::size_t>(logits.shape[-1]);
    std::int64_t n_right = 0;
    for (std::int64_t i = 0; i < task_.n_examples(); ++i) {
      const auto last = static_cast<std::size_t>(i * n_ctx + n_ctx - 1) * n_classes;
      const double* const row = &logits.data[last];
      n_right += std::max_element(row, row + n_classes) - row == row_of(task_.labels, i)[0];
    }
    return static_cast<double>(n_right) / static_cast<double>(task_.n_examples());
  }

 private:
  Tensor& tensor(const std::string& name) { return *weights_.find(name); }
  // Of a matrix, or of a head's.
  float& at(const std::string& name, int row, int column) {
    Tensor& t = tensor(name);
    return t.data[static_cast<std::size_t>(row * t.shape[-1] + column)];
  }

  TaskData task_ = made(tasks::virtual_heads(), {{"n_test", std::int64_t{400}}});
  Params params_ =
      checked_params(models::transformer().schema(), sizes, {{"seed", std::int64_t{7}}});
  Weights weights_;
};

TEST(VirtualHeads, two_heads_that_are_composed_through_values_solve_the_task) {
  EXPECT_EQ(Network().accuracy(), 1.0);
}

TEST(VirtualHeads, neither_head_alone_nor_both_without_their_composition_beat_chance) {
  for (const int layer : {0, 1}) {
    Network network;
    network.ablate_head(layer);
    EXPECT_LT(network.accuracy(), 0.2) << "without the head of layer " << layer;
  }
  Network network;
  network.part_the_heads();
  EXPECT_LT(network.accuracy(), 0.2) << "with both, but not composed";
}

}  // namespace
}  // namespace grok
