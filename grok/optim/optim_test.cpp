#include <cmath>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/kernels/target.h"
#include "grok/optim/testing.h"
#include "grok/optim/weight_choice.h"

namespace grok {
namespace {

using namespace grok::testing;

/// The defaults, and what they leave out: settings of its own, several filters; with one
/// optimizer every filter and every schedule.
std::vector<Params> variants(const OptimizerDef& def, const Params& given = {}) {
  const auto with = [&](const Params& more) {
    Params all = given;
    for (const auto& [key, value] : more) all.set(key, value);
    return section(def, all);
  };
  std::vector<Params> out{with({})};
  if (def.schema().find("nesterov"))
    for (const bool nesterov : {false, true})
      out.push_back(with({{"momentum", 0.8}, {"nesterov", nesterov}}));
  if (def.schema().find("weight_decay_to"))
    out.push_back(with({{"weight_decay_to", std::string("initial")}}));
  if (def.compares_losses) return out;
  out.push_back(with({{"filters", Texts{"sam", "grokfast_ema", "clip_norm"}}}));
  if (def.name != "sgd") return out;  // the same filters and schedules serve them all
  for (const FilterDef* filter : filters::catalog())
    out.push_back(with({{"filters", Texts{std::string(filter->name)}}}));
  for (const LrScheduleDef* schedule : schedules::catalog())
    if (schedule->name != "steps") out.push_back(with({{"schedule", std::string(schedule->name)}}));
  out.push_back(with({{"schedule", std::string("steps")}, {"steps.at", Integers{4, 9}}}));
  return out;
}

TEST(Optimizers, descend_a_quadratic) {
  for (const OptimizerDef* def : optim::catalog()) {
    const Params given = def->compares_losses ? Params{}
                                              : Params{{"lr", 0.05},
                                                       {"schedule", std::string("linear")},
                                                       {"linear.until", std::int64_t{1500}}};
    std::vector<Params> settings{section(*def, given)};
    if (def->schema().find("nesterov"))
      for (const bool nesterov : {false, true}) {
        Params more = given;
        more.set("momentum", 0.8);
        more.set("nesterov", nesterov);
        settings.push_back(section(*def, more));
      }
    for (Params& params : settings) {
      if (params.contains("weight_decay")) params.set("weight_decay", 0.0);
      if (params.contains("adamw_lr")) params.set("adamw_lr", 0.05);
      Training training(params);
      const double first = training.distance();
      training.train(0, 1);
      if (!def->compares_losses) {
        EXPECT_GT(training.distance(), first / 2) << def->name;
      }
      training.train(1, 1500);
      EXPECT_LT(training.distance(), 0.05) << def->name;
    }
  }
}

// With every filter at work, whatever it adds: for those that add noise not to the very bottom.
TEST(Filters, let_the_optimizer_descend) {
  for (const FilterDef* filter : filters::catalog()) {
    if (filter->name == "orthogonal_gradient") continue;  // keeps the weights' norm at first order
    const std::string name(filter->name);
    Params given{{"lr", 0.02}, {"filters", Texts{name}}};
    // With a longer window the mean comes too late, and the descent swings.
    if (name == "grokfast_ma") given.set("grokfast_ma.window", std::int64_t{10});
    Training training(section(optim::sgd(), given));
    training.train(0, 4000);
    EXPECT_LT(training.distance(), 0.05) << name;
  }
}

TEST(Optimizers, go_on_exactly_from_their_state) {
  for (const OptimizerDef* def : optim::catalog())
    for (const Params& params : variants(*def)) {
      SCOPED_TRACE(std::string(def->name) + " " + json_text(*params.find("filters")) +
                   params.text("schedule"));
      Training whole(params);
      whole.train(0, 30);
      Training first(params);
      first.train(0, 13);
      // As if read back from a keyframe, in whatever order.
      NamedTensors state;
      for (std::size_t i = first.state().size(); i-- > 0;) {
        const auto& entry = *(first.state().begin() + static_cast<std::ptrdiff_t>(i));
        state.add(entry.name, entry.tensor);
      }
      Training second(params, first.weights(), state);
      second.train(13, 30);
      EXPECT_EQ(whole.weights(), second.weights());
      for (const auto& [name, tensor] : whole.state())
        EXPECT_EQ(tensor, second.state().at(name)) << name;
    }
}

TEST(Optimizers, give_the_same_bits_on_any_threads_and_vectors) {
  // A vector whose sums are shared out among threads.
  const Weights first = Quadratic::first(20'001);
  const auto bits = [&](const Params& params, int n_threads) {
    Training training(params, first, first_optimizer_state(params, first), n_threads);
    training.train(0, 3);
    return std::pair{training.weights(), training.state()};
  };
  const std::string_view before = active_target();
  for (const OptimizerDef* def : optim::catalog())
    for (const Params& params : variants(*def)) {
      SCOPED_TRACE(std::string(def->name) + " " + json_text(*params.find("filters")));
      std::vector<std::pair<Weights, NamedTensors>> fused;
      for (const std::string_view target : available_targets()) {
        force_target(target);
        const auto one = bits(params, 1);
        for (const int n_threads : {2, 3, 4, 8}) EXPECT_EQ(bits(params, n_threads), one) << target;
        if (target != "portable") fused.push_back(one);
      }
      for (const auto& found : fused) EXPECT_EQ(found, fused.front());
      force_target(before);
    }
}

TEST(LearningRate, warms_up_in_a_straight_line_and_follows_its_schedule_then) {
  const LearningRate rate(section(optim::adamw(), {{"warmup_steps", std::int64_t{20}},
                                                   {"warmup_from", 0.01},
                                                   {"schedule", std::string("cosine")}}));
  EXPECT_EQ(rate.factor(0), 0.01);
  EXPECT_NEAR(rate.factor(10), 0.505, 1e-12);
  EXPECT_EQ(rate.factor(20), 1);
  EXPECT_NEAR(rate.factor(60), 0.5, 1e-12);  // of 100 steps: half of the way
  EXPECT_NEAR(rate.factor(100), 0, 1e-12);
}

TEST(WeightChoice, stars_stand_for_any_letters) {
  EXPECT_TRUE(matches("embed.W_E", "embed.W_E"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("*.W_*", "blocks.0.mlp.W_in"));
  EXPECT_TRUE(matches("blocks.*.mlp.*n", "blocks.0.mlp.W_in"));
  EXPECT_FALSE(matches("blocks.*.mlp.*t", "blocks.0.mlp.W_in"));
  EXPECT_FALSE(matches("embed", "embed.W_E"));
  EXPECT_FALSE(matches("embed.W_E.", "embed.W_E"));
  const std::string many(200, 'a');
  std::string stars;
  for (int i = 0; i < 100; ++i) stars += "a*";
  EXPECT_FALSE(matches(stars + "b", many));  // at once
}

TEST(AdamW, refuses_to_decay_a_weight_that_is_not_there) {
  const Params params = section(optim::adamw(), {{"weight_decay_on", Texts{"blocks.d"}}});
  try {
    first_optimizer_state(params, Quadratic::first());
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "optim.weight_decay_on: no weight of the model is called \"blocks.d\"; did you "
                 "mean blocks.c?");
  }
}

TEST(LineSearch, finds_its_steps_by_itself) {
  EXPECT_THROW(section(optim::line_search(), {{"filters", Texts{"clip_norm"}}}), Error);
  EXPECT_THROW(section(optim::line_search(), {{"schedule", std::string("cosine")}}), Error);
  EXPECT_THROW(section(optim::line_search(), {{"warmup_steps", std::int64_t{5}}}), Error);
}

// A step that is accepted is followed by one twice as long: for ever, where there is no slope.
TEST(LineSearch, comes_back_from_where_there_is_no_slope) {
  Weights w = Quadratic::first();
  for (auto& [name, tensor] : w)
    for (std::size_t i = 0; i < tensor.data.size(); ++i)
      tensor.data[i] = static_cast<float>(Quadratic::target(i));
  const Params params = section(optim::line_search());
  Training training(params, w, first_optimizer_state(params, w));
  training.train(0, 200);
  EXPECT_TRUE(std::isfinite(training.state().at("line_search.next").data[0]));
}

TEST(Muon, leaves_embeddings_to_adamw_unless_it_is_told_otherwise) {
  Weights w;
  for (const char* name : {"embed.W_E", "pos_embed.W_pos", "unembed.W_U", "blocks.0.mlp.W_in"})
    w.add(name, Tensor(Shape{3, 4}));
  const auto plain = first_optimizer_state(section(optim::muon()), w);
  for (const char* name : {"embed.W_E", "pos_embed.W_pos", "unembed.W_U"})
    EXPECT_TRUE(plain.find(std::string("muon.v.") + name)) << name;
  EXPECT_TRUE(plain.find("muon.momentum.blocks.0.mlp.W_in"));
  const auto chosen =
      first_optimizer_state(section(optim::muon(), {{"matrices", Texts{"embed.*"}}}), w);
  EXPECT_TRUE(chosen.find("muon.momentum.embed.W_E"));
  EXPECT_TRUE(chosen.find("muon.v.blocks.0.mlp.W_in"));
}

TEST(LineSearch, never_makes_the_loss_rise) {
  Training training(section(optim::line_search(), {{"lr", 1e4}}));
  double before = training.evaluate();
  for (int step = 0; step < 200; ++step) {
    training.train(step, step + 1);
    const double now = training.evaluate();
    EXPECT_LE(now, before);
    before = now;
  }
  EXPECT_LT(before, 1e-8);
}

TEST(Filters, refuse_an_order_that_loses_something) {
  EXPECT_THROW(section(optim::adamw(), {{"filters", Texts{"clip_norm", "sam"}}}), Error);
}

// The first step has a learning rate of 0, so it changes nothing: FACTS 0.7.
TEST(AdamW, warms_up_from_zero) {
  Training training(section(optim::adamw()));
  training.train(0, 1);
  EXPECT_EQ(training.weights(), Quadratic::first());
  training.train(1, 2);
  EXPECT_NE(training.weights(), Quadratic::first());
}

// By hand: after one full step without decay, Adam moves by lr whatever the gradient.
TEST(AdamW, first_step_is_the_learning_rate) {
  Training training(section(
      optim::adamw(), {{"lr", 0.25}, {"weight_decay", 0.0}, {"warmup_steps", std::int64_t{0}}}));
  training.train(0, 1);
  for (const auto& [name, w] : Quadratic::first())
    for (std::size_t i = 0; i < w.data.size(); ++i)
      EXPECT_NEAR(training.weights().at(name).data[i] - w.data[i], 0.25, 1e-6);
}

/// Weights "a", at 1, and "b", at 0, after steps whose gradients are 2 and -4.
struct Stepped {
  Weights weights;
  NamedTensors state;
};

Stepped stepped(const Params& given, int n_steps) {
  const Params params = section(optim::sgd(), given);
  ThreadPool pool(1);
  Stepped out;
  out.weights.add("a", Tensor(Shape{1})).data[0] = 1;
  out.weights.add("b", Tensor(Shape{1}));
  out.state = first_optimizer_state(params, out.weights);
  UpdateRule rule(params, out.weights, out.state, 1);
  const std::vector<float> a = {2}, b = {-4};
  const ConstFloats gradients[] = {a, b};
  LossSurface surface;
  surface.gradients = gradients;
  for (int step = 0; step < n_steps; ++step) rule.apply(step, surface, pool);
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
  EXPECT_THROW(section(optim::sgd(), {{"nesterov", true}}), Error);
}

}  // namespace
}  // namespace grok
