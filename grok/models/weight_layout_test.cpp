#include "grok/models/weight_layout.h"

#include <gtest/gtest.h>

#include "grok/base/error.h"

namespace grok {
namespace {

const std::vector<WeightInfo>& infos() {
  static const std::vector<WeightInfo> infos{{"embed.W_E", {5, 4}},
                                             {"blocks.0.attn.W_Q", {2, 4, 3}},
                                             {"blocks.0.attn.W_O", {2, 3, 4}},
                                             {"blocks.0.mlp.b_in", {7}},
                                             {"ln_final.w", {4}},
                                             {"ln_final.b", {4}},
                                             {"unembed.W_U", {4, 6}}};
  return infos;
}

Weights counted() {
  Weights weights;
  for (const WeightInfo& info : infos()) {
    Tensor t(info.shape);
    for (std::size_t i = 0; i < t.data.size(); ++i) t.data[i] = static_cast<float>(i);
    weights.add(info.name, t);
  }
  return weights;
}

TEST(WeightLayout, there_and_back_is_the_identity) {
  for (const WeightLayout layout :
       {WeightLayout::transformer_lens, WeightLayout::progress_measures, WeightLayout::per_head}) {
    const Weights stored = to_layout(counted(), layout);
    for (const WeightInfo& info : infos())
      EXPECT_EQ(stored.at(info.name).shape, stored_shape(info, layout)) << info.name;
    EXPECT_EQ(to_transformer_lens(stored, infos(), layout, "test"), counted());
    EXPECT_EQ(to_transformer_lens(stored, infos(), std::nullopt, "test"), counted());
  }
}

// W_O of progress-measures is [d_model, head * d_head]: entry (m, h * d_head + d) is ours (h, d,
// m).
TEST(WeightLayout, merges_the_heads_of_W_O) {
  const Tensor stored =
      to_layout(counted(), WeightLayout::progress_measures).at("blocks.0.attn.W_O");
  const Tensor ours = counted().at("blocks.0.attn.W_O");
  EXPECT_EQ(stored.data[1 * 6 + 1 * 3 + 2], ours.data[(1 * 3 + 2) * 4 + 1]);
}

TEST(WeightLayout, names_all_that_does_not_fit) {
  Weights weights = counted();
  weights.at("embed.W_E") = Tensor(Shape{9, 9});
  weights.add("blocks.0.attn.mask", Tensor(Shape{3, 3}));  // a buffer: left out
  weights.add("blocks.1.attn.W_Q", Tensor(Shape{2, 4, 3}));
  try {
    to_transformer_lens(weights, infos(), WeightLayout::transformer_lens, "a.safetensors");
    FAIL();
  } catch (const Error& e) {
    const std::string text = e.what();
    EXPECT_NE(text.find("embed.W_E: expected [5, 4], found [9, 9]"), std::string::npos) << text;
    EXPECT_NE(text.find("blocks.1.attn.W_Q"), std::string::npos) << text;
    EXPECT_EQ(text.find("mask"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace grok
