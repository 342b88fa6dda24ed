#include "grok/lab/keyframe.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace grok {
namespace {

Weights two_weights() {
  Weights w;
  w.add("embed.W_E", Tensor(Shape{2}, std::vector<float>{1, 2}));
  w.add("blocks.0.mlp.b_in", Tensor(Shape{1}, std::vector<float>{-0.0F}));
  return w;
}

TEST(keyframe, gives_back_the_checkpoint_that_went_in) {
  Checkpoint checkpoint{.step = 7, .weights = two_weights()};
  checkpoint.optimizer.add("adamw.m.embed.W_E", Tensor(Shape{2}, std::vector<float>{3, 4}));
  const Keyframe keyframe{.step = 7, .tensors = keyframe_tensors(checkpoint)};
  EXPECT_EQ(checkpoint_of(keyframe), checkpoint);
  EXPECT_EQ(weights_of(keyframe), checkpoint.weights);
}

TEST(keyframe, refuses_a_tensor_that_belongs_to_nothing) {
  Keyframe keyframe{.step = 7};
  keyframe.tensors.add("embed.W_E", Tensor(Shape{2}));
  EXPECT_TRUE(
      fails_with(ErrorCode::damaged, "step 7: embed.W_E", [&] { checkpoint_of(keyframe); }));
}

TEST(weights_digest, does_not_depend_on_the_order_of_the_tensors) {
  Weights swapped;
  swapped.add("blocks.0.mlp.b_in", two_weights().at("blocks.0.mlp.b_in"));
  swapped.add("embed.W_E", two_weights().at("embed.W_E"));
  EXPECT_EQ(weights_digest(swapped), weights_digest(two_weights()));
}

TEST(weights_digest, sees_one_bit_a_name_and_a_shape) {
  const std::string digest = weights_digest(two_weights());
  Weights other_bit = two_weights();
  other_bit.at("blocks.0.mlp.b_in").data[0] = 0.0F;  // equal as a number, not as bits
  EXPECT_NE(weights_digest(other_bit), digest);
  Weights other_shape = two_weights();
  other_shape.at("embed.W_E").shape = Shape{2, 1};
  EXPECT_NE(weights_digest(other_shape), digest);
  Weights other_name;
  other_name.add("embed.W_X", two_weights().at("embed.W_E"));
  other_name.add("blocks.0.mlp.b_in", two_weights().at("blocks.0.mlp.b_in"));
  EXPECT_NE(weights_digest(other_name), digest);
}

}  // namespace
}  // namespace grok
