#include <cmath>

#include <gtest/gtest.h>

#include "grok/models/model.h"
#include "grok/models/weight_layout.h"

namespace grok {
namespace {

constexpr ModelSizes sizes{.d_vocab = 12, .d_vocab_out = 11, .n_ctx = 3};

Params defaults(const ModelDef& def, const Params& given = {}) {
  return checked_params(def.schema(), given, Params{{"seed", std::int64_t{3}}});
}

// Laws for every model of the catalogue.

TEST(Models, draw_the_weights_that_they_name) {
  for (const ModelDef* def : models::catalog()) {
    const Params params = defaults(*def);
    const auto infos = def->weights(params, sizes);
    const Weights weights = def->init(params, sizes);
    ASSERT_EQ(infos.size(), weights.size()) << def->name;
    for (const WeightInfo& info : infos)
      EXPECT_EQ(weights.at(info.name).shape, info.shape) << info.name;
  }
}

TEST(Models, the_graph_reads_just_the_weights_that_they_name) {
  for (const ModelDef* def : models::catalog()) {
    const Params params = defaults(*def);
    Graph g;
    const NodeId tokens = g.input("tokens", {{7, sizes.n_ctx}, DType::i32});
    const NodeId logits = def->build(g, params, sizes, tokens);
    verify(g);
    EXPECT_EQ(g.shape(logits), (Shape{7, sizes.n_ctx, sizes.d_vocab_out}));
    const auto infos = def->weights(params, sizes);
    int n_weights = 0;
    for (NodeId id = 0; id < g.size(); ++id) n_weights += g[id].op == &weight_leaf();
    EXPECT_EQ(n_weights, static_cast<int>(infos.size())) << def->name;
    for (const WeightInfo& info : infos) {
      const NodeId id = g.find_leaf(info.name);
      ASSERT_NE(id, no_node) << info.name;
      EXPECT_EQ(g.shape(id), info.shape) << info.name;
    }
  }
}

TEST(Models, another_seed_gives_other_weights) {
  for (const ModelDef* def : models::catalog()) {
    const Params one = defaults(*def, {{"init_seed", std::int64_t{1}}});
    const Params two = defaults(*def, {{"init_seed", std::int64_t{2}}});
    EXPECT_EQ(def->init(one, sizes), def->init(one, sizes));
    EXPECT_NE(def->init(one, sizes), def->init(two, sizes));
  }
}

TEST(Transformer, has_the_hook_points_of_transformer_lens) {
  const ModelDef& def = models::transformer();
  Graph g;
  const NodeId tokens = g.input("tokens", {{7, 3}, DType::i32});
  def.build(g, defaults(def, {{"n_layers", std::int64_t{2}}}), sizes, tokens);
  for (const char* name :
       {"hook_embed", "blocks.0.hook_resid_pre", "blocks.0.attn.hook_q", "blocks.0.attn.hook_k",
        "blocks.0.attn.hook_v", "blocks.0.attn.hook_attn_scores", "blocks.0.attn.hook_pattern",
        "blocks.0.attn.hook_z", "blocks.0.hook_attn_out", "blocks.0.hook_resid_mid",
        "blocks.0.mlp.hook_pre", "blocks.0.mlp.hook_post", "blocks.0.hook_mlp_out",
        "blocks.0.hook_resid_post", "blocks.1.hook_resid_pre", "blocks.1.hook_resid_post"})
    EXPECT_NE(g.find_hook(name), no_node) << name;
  EXPECT_EQ(g.find_hook("blocks.0.hook_resid_post"), g.find_hook("blocks.1.hook_resid_pre"));
  EXPECT_EQ(g.shape(g.find_hook("blocks.0.attn.hook_pattern")), (Shape{7, 4, 3, 3}));
  EXPECT_EQ(g.shape(g.find_hook("blocks.0.attn.hook_q")), (Shape{7, 3, 4, 32}));
}

// Standard deviations of FACTS 1.2: sums of squares of W_E, W_in and W_U at p = 113 are close to
// 114, 512 and 128.
TEST(Transformer, draws_with_the_standard_deviations_of_the_paper) {
  const ModelDef& def = models::transformer();
  const ModelSizes mainline{.d_vocab = 114, .d_vocab_out = 114, .n_ctx = 3};
  const Weights weights = def.init(defaults(def), mainline);
  const auto sum_squares = [&](const char* name) {
    double sum = 0;
    for (const float x : weights.at(name).data) sum += static_cast<double>(x) * x;
    return sum;
  };
  EXPECT_NEAR(sum_squares("embed.W_E"), 114, 5);
  EXPECT_NEAR(sum_squares("blocks.0.mlp.W_in"), 512, 12);
  EXPECT_NEAR(sum_squares("blocks.0.mlp.W_out"), 512, 12);
  EXPECT_NEAR(sum_squares("unembed.W_U"), 128, 6);
  EXPECT_EQ(sum_squares("blocks.0.mlp.b_in"), 0);
}

}  // namespace
}  // namespace grok
