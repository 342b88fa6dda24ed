#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "grok/models/model.h"
#include "grok/models/weight_layout.h"

namespace grok {
namespace {

const ModelSizes sizes{.d_vocab = 12, .d_vocab_out = 11, .n_ctx = 3};

/// Sizes that suit the model: some read pairs, some give one number.
ModelSizes sizes_for(const ModelDef& def, const Params& params) {
  ModelSizes out = sizes;
  const bool reads_pairs = def.name == "pizza_linear" ||
                           (params.contains("init") && params.text("init") == "gromov_analytic");
  if (reads_pairs) out.n_ctx = 2;
  if (def.name == "product_model") out.d_vocab_out = 1;
  if (params.contains("tied") && params.flag("tied")) out.d_vocab_out = out.d_vocab;
  return out;
}

Params defaults(const ModelDef& def, const Params& given = {}) {
  return checked_params(def.schema(), given, Params{{"seed", std::int64_t{3}}});
}

/// The defaults; for a flag and for every word that a field takes, the defaults with it.
std::vector<Params> all_variants(const ModelDef& def) {
  std::vector<Params> out{defaults(def)};
  for (const Field& field : def.schema().fields) {
    if (field.type == FieldType::flag) out.push_back(defaults(def, {{field.name, true}}));
    for (const std::string& word : field.words) {
      Params given{{field.name, word}};
      if (word == "gromov_analytic") given.set("act", std::string("square"));
      out.push_back(defaults(def, given));
    }
  }
  return out;
}

template <class F>
void for_all_models(F&& f) {
  for (const ModelDef* def : models::catalog())
    for (const Params& params : all_variants(*def)) {
      std::string trace(def->name);
      for (const auto& [key, value] : params) trace += " " + key + "=" + json_text(value);
      SCOPED_TRACE(trace);
      f(*def, params, sizes_for(*def, params));
    }
}

// Laws for every model of the catalogue, in every variant of its schema.

TEST(Models, draw_the_weights_that_they_name) {
  for_all_models([](const ModelDef& def, const Params& params, const ModelSizes& suits) {
    const auto infos = def.weights(params, suits);
    const Weights weights = def.init(params, suits);
    ASSERT_EQ(infos.size(), weights.size());
    for (const WeightInfo& info : infos)
      EXPECT_EQ(weights.at(info.name).shape, info.shape) << info.name;
  });
}

TEST(Models, the_graph_reads_just_the_weights_that_they_name) {
  for_all_models([](const ModelDef& def, const Params& params, const ModelSizes& suits) {
    Graph g;
    const NodeId tokens = g.input("tokens", {{7, suits.n_ctx}, DType::i32});
    const NodeId logits = def.build(g, params, suits, {.tokens = tokens});
    verify(g);
    const std::int64_t n_pos = g.shape(logits)[1];
    EXPECT_TRUE(n_pos == suits.n_ctx || n_pos == 1);
    EXPECT_EQ(g.shape(logits), (Shape{7, n_pos, suits.d_vocab_out}));
    const auto infos = def.weights(params, suits);
    int n_weights = 0;
    for (NodeId id = 0; id < g.size(); ++id) n_weights += g[id].op == &weight_leaf();
    EXPECT_EQ(n_weights, static_cast<int>(infos.size()));
    for (const WeightInfo& info : infos) {
      const NodeId id = g.find_leaf(info.name);
      ASSERT_NE(id, no_node) << info.name;
      EXPECT_EQ(g.shape(id), info.shape) << info.name;
    }
  });
}

TEST(Models, another_seed_gives_other_weights) {
  for (const ModelDef* def : models::catalog()) {
    const Params one = defaults(*def, {{"init_seed", std::int64_t{1}}});
    const Params two = defaults(*def, {{"init_seed", std::int64_t{2}}});
    const ModelSizes suits = sizes_for(*def, one);
    EXPECT_EQ(def->init(one, suits), def->init(one, suits));
    if (def->name == "product_model") continue;  // begins where it is told
    EXPECT_NE(def->init(one, suits), def->init(two, suits));
  }
}

TEST(Transformer, has_the_hook_points_of_transformer_lens) {
  const ModelDef& def = models::transformer();
  Graph g;
  const NodeId tokens = g.input("tokens", {{7, 3}, DType::i32});
  def.build(g, defaults(def, {{"n_layers", std::int64_t{2}}}), sizes, {.tokens = tokens});
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

std::vector<std::string> hooks_of(const Params& given) {
  const ModelDef& def = models::transformer();
  Graph g;
  def.build(g, defaults(def, given), sizes, {.tokens = g.input("tokens", {{7, 3}, DType::i32})});
  std::vector<std::string> hooks;
  for (NodeId id = 0; id < g.size(); ++id)
    hooks.insert(hooks.end(), g[id].hooks.begin(), g[id].hooks.end());
  return hooks;
}

TEST(Transformer, with_layer_norm_has_its_hook_points_and_normalizes) {
  const ModelDef& def = models::transformer();
  const Params params = defaults(def, {{"layer_norm", std::string("pre")}});
  Graph g;
  def.build(g, params, sizes, {.tokens = g.input("tokens", {{7, 3}, DType::i32})});
  for (const char* at : {"blocks.0.ln1", "blocks.0.ln2", "ln_final"}) {
    const std::string name(at);
    const NodeId scale = g.find_hook(name + ".hook_scale");
    const NodeId normalized = g.find_hook(name + ".hook_normalized");
    ASSERT_TRUE(scale != no_node && normalized != no_node) << at;
    EXPECT_EQ(g.shape(scale), (Shape{7, 3, 1}));
    EXPECT_EQ(g.shape(normalized), (Shape{7, 3, 128}));
    const Weights weights = def.init(params, sizes);
    for (const float w : weights.at(name + ".w").data) EXPECT_EQ(w, 1);
    for (const float b : weights.at(name + ".b").data) EXPECT_EQ(b, 0);
  }
  EXPECT_EQ(hooks_of({{"layer_norm", std::string("pre")}}).size(), hooks_of({}).size() + 6);
}

TEST(Transformer, of_attention_alone_has_no_mlp_and_no_middle_of_the_residual_stream) {
  const std::vector<std::string> hooks =
      hooks_of({{"attn_only", true}, {"n_layers", std::int64_t{2}}});
  for (const std::string& hook : hooks) {
    EXPECT_EQ(hook.find("mlp"), std::string::npos) << hook;
    EXPECT_EQ(hook.find("resid_mid"), std::string::npos) << hook;
  }
  EXPECT_NE(std::ranges::find(hooks, "blocks.1.hook_resid_post"), hooks.end());
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
