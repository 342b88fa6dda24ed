#include <cmath>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/optim/optimizer.h"

namespace grok {
namespace {

Params defaults(const OptimizerDef& def, const Params& given = {}) {
  return checked_params(def.schema(), given);
}

/// The defaults, and what they leave out.
std::vector<Params> variants(const OptimizerDef& def, const Params& given = {}) {
  std::vector<Params> out{defaults(def, given)};
  if (!def.schema().find("nesterov")) return out;
  for (const bool nesterov : {false, true}) {
    Params more = given;
    more.set("momentum", 0.8);
    more.set("nesterov", nesterov);
    out.push_back(defaults(def, more));
  }
  return out;
}

// Minimizes (w - 3)^2 / 2 for every entry of w.
double distance_after(const OptimizerDef& def, const Params& params, std::int64_t steps) {
  ThreadPool pool(1);
  Weights weights;
  weights.add("w", Tensor(Shape{37}));
  NamedTensors state = def.init(params, weights);
  Tensor gradient(Shape{37});
  for (std::int64_t step = 0; step < steps; ++step) {
    const auto& w = weights.at("w").data;
    for (std::size_t i = 0; i < w.size(); ++i) gradient.data[i] = w[i] - 3;
    const ConstFloats gradients[] = {gradient.span()};
    def.update({params, step, gradients, weights, state, pool});
  }
  return std::abs(static_cast<double>(weights.at("w").data[0]) - 3);
}

TEST(Optimizers, descend_a_quadratic) {
  for (const OptimizerDef* def : optim::catalog())
    for (const Params& params : variants(*def, {{"lr", 0.05}, {"weight_decay", 0.0}})) {
      EXPECT_LT(distance_after(*def, params, 400), 0.05) << def->name;
      EXPECT_GT(distance_after(*def, params, 2), 1) << def->name;
    }
}

void expect_goes_on_exactly(const OptimizerDef& def, const Params& params) {
  ThreadPool pool(1);
  const auto train = [&](std::int64_t from, std::int64_t to, Weights& w, NamedTensors& state) {
    for (std::int64_t step = from; step < to; ++step) {
      Tensor gradient(Shape{5});
      for (std::size_t i = 0; i < 5; ++i)
        gradient.data[i] = w.at("w").data[i] - static_cast<float>(i);
      const ConstFloats gradients[] = {gradient.span()};
      def.update({params, step, gradients, w, state, pool});
    }
  };
  Weights whole, first;
  whole.add("w", Tensor(Shape{5}));
  first.add("w", Tensor(Shape{5}));
  NamedTensors whole_state = def.init(params, whole);
  NamedTensors state = def.init(params, first);
  train(0, 30, whole, whole_state);
  train(0, 13, first, state);
  Weights second = first;  // as if read back from a keyframe
  NamedTensors second_state = state;
  train(13, 30, second, second_state);
  EXPECT_EQ(whole, second) << def.name;
  EXPECT_EQ(whole_state, second_state) << def.name;
}

TEST(Optimizers, go_on_exactly_from_their_state) {
  for (const OptimizerDef* def : optim::catalog())
    for (const Params& params : variants(*def)) expect_goes_on_exactly(*def, params);
}

// The first step has a learning rate of 0, so it changes nothing: FACTS 0.7.
TEST(AdamW, warms_up_from_zero) {
  const OptimizerDef& def = optim::adamw();
  EXPECT_EQ(distance_after(def, defaults(def), 1), 3);
  EXPECT_NE(distance_after(def, defaults(def), 2), 3);
}

// By hand: after one full step without decay, Adam moves by lr whatever the gradient.
TEST(AdamW, first_step_is_the_learning_rate) {
  const OptimizerDef& def = optim::adamw();
  const Params params =
      defaults(def, {{"lr", 0.25}, {"weight_decay", 0.0}, {"warmup_steps", std::int64_t{0}}});
  EXPECT_NEAR(distance_after(def, params, 1), 2.75, 1e-6);
}

/// Weights "a", at 1, and "b", at 0, after steps whose gradients are 2 and -4.
struct Stepped {
  Weights weights;
  NamedTensors state;
};

Stepped stepped(const Params& given, int n_steps) {
  const OptimizerDef& def = optim::sgd();
  const Params params = defaults(def, given);
  ThreadPool pool(1);
  Stepped out;
  out.weights.add("a", Tensor(Shape{1})).data[0] = 1;
  out.weights.add("b", Tensor(Shape{1}));
  out.state = def.init(params, out.weights);
  const std::vector<float> a = {2}, b = {-4};
  const ConstFloats gradients[] = {a, b};
  for (int step = 0; step < n_steps; ++step)
    def.update({params, step, gradients, out.weights, out.state, pool});
  return out;
}

void expect_weights(const Stepped& found, float a, float b) {
  EXPECT_EQ(found.weights.at("a").data[0], a);
  EXPECT_EQ(found.weights.at("b").data[0], b);
}

// By hand, in numbers that float32 holds. Without momentum each step takes lr (g + decay w).
TEST(Sgd, follows_the_gradient) {
  const Params plain{{"lr", 0.25}};
  expect_weights(stepped(plain, 1), 0.5f, 1);
  expect_weights(stepped(plain, 2), 0, 2);
  EXPECT_EQ(stepped(plain, 2).state.size(), 0u);
  const Params decayed{{"lr", 0.25}, {"weight_decay", 0.5}};
  expect_weights(stepped(decayed, 1), 1 - 0.25f * 2.5f, 1);
  expect_weights(stepped(decayed, 2), 0.375f - 0.25f * 2.1875f, 1 + 0.25f * 3.5f);
}

// v = 2, then 3; -4, then -6. Nesterov follows g + v / 2: 3, then 3.5.
TEST(Sgd, keeps_momentum_in_its_state) {
  const Params classical{{"lr", 0.25}, {"momentum", 0.5}};
  expect_weights(stepped(classical, 1), 0.5f, 1);
  expect_weights(stepped(classical, 2), 0.5f - 0.75f, 1 + 1.5f);
  EXPECT_EQ(stepped(classical, 2).state.at("sgd.momentum.a").data[0], 3);
  EXPECT_EQ(stepped(classical, 2).state.at("sgd.momentum.b").data[0], -6);
  const Params nesterov{{"lr", 0.25}, {"momentum", 0.5}, {"nesterov", true}};
  expect_weights(stepped(nesterov, 1), 1 - 0.75f, 1.5f);
  expect_weights(stepped(nesterov, 2), 0.25f - 0.875f, 1.5f + 1.75f);
}

// lr is 0, then 1/8, then 1/4.
TEST(Sgd, warms_up_where_it_is_asked_to) {
  const Params params{{"lr", 0.25}, {"warmup_steps", std::int64_t{2}}};
  expect_weights(stepped(params, 1), 1, 0);
  expect_weights(stepped(params, 2), 0.75f, 0.5f);
  expect_weights(stepped(params, 3), 0.25f, 1.5f);
}

TEST(Sgd, refuses_nesterov_without_momentum) {
  EXPECT_THROW(defaults(optim::sgd(), {{"nesterov", true}}), Error);
}

}  // namespace
}  // namespace grok
