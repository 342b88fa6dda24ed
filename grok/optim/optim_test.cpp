#include <cmath>

#include <gtest/gtest.h>

#include "grok/optim/optimizer.h"

namespace grok {
namespace {

Params defaults(const OptimizerDef& def, const Params& given = {}) {
  return checked_params(def.schema(), given);
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
  for (const OptimizerDef* def : optim::catalog()) {
    const Params params = defaults(*def, {{"lr", 0.05}, {"weight_decay", 0.0}});
    EXPECT_LT(distance_after(*def, params, 400), 0.05) << def->name;
    EXPECT_GT(distance_after(*def, params, 2), 1) << def->name;
  }
}

TEST(Optimizers, go_on_exactly_from_their_state) {
  for (const OptimizerDef* def : optim::catalog()) {
    const Params params = defaults(*def);
    ThreadPool pool(1);
    const auto train = [&](std::int64_t from, std::int64_t to, Weights& w, NamedTensors& state) {
      for (std::int64_t step = from; step < to; ++step) {
        Tensor gradient(Shape{5});
        for (std::size_t i = 0; i < 5; ++i)
          gradient.data[i] = w.at("w").data[i] - static_cast<float>(i);
        const ConstFloats gradients[] = {gradient.span()};
        def->update({params, step, gradients, w, state, pool});
      }
    };
    Weights whole, first;
    whole.add("w", Tensor(Shape{5}));
    first.add("w", Tensor(Shape{5}));
    NamedTensors whole_state = def->init(params, whole);
    NamedTensors state = def->init(params, first);
    train(0, 30, whole, whole_state);
    train(0, 13, first, state);
    Weights second = first;  // as if read back from a keyframe
    NamedTensors second_state = state;
    train(13, 30, second, second_state);
    EXPECT_EQ(whole, second) << def->name;
    EXPECT_EQ(whole_state, second_state) << def->name;
  }
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

}  // namespace
}  // namespace grok
