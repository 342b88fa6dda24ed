// Probes on networks of which the answers are known.

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include <gtest/gtest.h>

#include "grok/probes/testing.h"
#include "tests/support/expect_error.h"

namespace grok {
namespace {

constexpr int p = 11;
constexpr int frequency = 3;
constexpr double amplitude = 2;

double wave(int k, double x) { return 2 * std::numbers::pi * k * x / p; }

float& at(Weights& w, const char* name, std::int64_t row, std::int64_t column) {
  Tensor& t = w.at(name);
  return t.data[static_cast<std::size_t>(row * t.shape[-1] + column)];
}

// A network that knows one frequency: its logits are amplitude * cos(w (a + b - c)), and -1000 for
// '='. Attention looks at all three positions alike and so adds up 3a, 3b and 0; neuron j is
// relu(a + b - j), and hinges make any function of a + b; the unembedding is a wave of c.
Weights one_frequency_network(const TaskData& task, const Params& model) {
  Weights w = small_weights(task, model);
  for (auto& [name, tensor] : w)
    for (float& x : tensor.data) x = 0;
  for (int a = 0; a < p; ++a) at(w, "embed.W_E", a, 0) = static_cast<float>(3 * a);
  w.at("blocks.0.attn.W_V").data[0] = 1;
  w.at("blocks.0.attn.W_O").data[0] = 1;
  const auto ring = [](int turn, double t) {
    return turn == 0 ? std::cos(wave(frequency, t)) : std::sin(wave(frequency, t));
  };
  for (int j = 0; j < 2 * p; ++j) {
    at(w, "blocks.0.mlp.W_in", 0, j) = 1;
    w.at("blocks.0.mlp.b_in").data[static_cast<std::size_t>(j)] = static_cast<float>(-j);
    for (const int turn : {0, 1}) {  // the hinge at j bends the function by its second difference
      const double before = j == 0 ? 0 : ring(turn, j) - ring(turn, j - 1);
      at(w, "blocks.0.mlp.W_out", j, 1 + turn) =
          static_cast<float>(ring(turn, j + 1) - ring(turn, j) - before);
    }
  }
  w.at("blocks.0.mlp.b_out").data[1] = 1;  // cos(0)
  w.at("blocks.0.mlp.b_out").data[3] = 1;
  for (int c = 0; c < p; ++c)
    for (const int turn : {0, 1})
      at(w, "unembed.W_U", 1 + turn, c) = static_cast<float>(amplitude * ring(turn, c));
  at(w, "unembed.W_U", 3, p) = -1000;
  return w;
}

double loss_of_the_wave() {
  double sum = 0;
  for (int d = 0; d < p; ++d) sum += std::exp(amplitude * (std::cos(wave(frequency, d)) - 1));
  return std::log(sum);
}

class OneFrequency : public testing::Test {
 protected:
  TaskData task = small_task(p);
  Params model = small_model(1, 16, 2 * p);
  Weights weights = one_frequency_network(task, model);
  ThreadPool pool{2};
  ProbeSet set{model, task, {}, pool};
};

TEST_F(OneFrequency, has_the_loss_of_its_wave_on_every_split) {
  const Measurements got = set.measure(weights);
  for (const char* split : {"train", "test", "all"}) {
    EXPECT_NEAR(*got.metric(std::string(split) + "_loss"), loss_of_the_wave(), 1e-5) << split;
    EXPECT_EQ(*got.metric(std::string(split) + "_accuracy"), 1) << split;
  }
}

TEST_F(OneFrequency, keeps_its_loss_when_restricted_to_it_and_guesses_without_it) {
  const std::vector<int> keys{frequency};
  const Measurements got = set.measure_with_keys(weights, keys);
  for (const char* name :
       {"restricted_loss", "restricted_train_loss", "restricted_test_loss", "trig_fit_loss"})
    EXPECT_NEAR(*got.metric(name), loss_of_the_wave(), 1e-5) << name;
  for (const char* name : {"excluded_loss", "excluded_loss_3d_full"})
    EXPECT_NEAR(*got.metric(name), std::log(p), 1e-5) << name;
  EXPECT_NEAR(*got.metric("trig_fit_explained"), 1, 1e-9);
  EXPECT_EQ(*got.metric("restricted_accuracy"), 1);
  EXPECT_LT(*got.metric("excluded_accuracy"), 1);
}

TEST_F(OneFrequency, guesses_when_restricted_to_another) {
  const std::vector<int> keys{frequency + 1};
  const Measurements got = set.measure_with_keys(weights, keys);
  EXPECT_NEAR(*got.metric("restricted_loss"), std::log(p), 1e-5);
  EXPECT_NEAR(*got.metric("excluded_loss"), loss_of_the_wave(), 1e-5);
  EXPECT_NEAR(*got.metric("trig_fit_explained"), 0, 1e-9);
}

TEST_F(OneFrequency, shows_in_every_array_by_frequency) {
  const Measurements got = set.measure(weights);
  for (const char* name : {"excluded_loss_2d", "excluded_loss_3d"})
    for (int k = 1; k <= (p - 1) / 2; ++k)
      EXPECT_NEAR(got.array(name)->data[static_cast<std::size_t>(k - 1)],
                  k == frequency ? std::log(p) : loss_of_the_wave(), 1e-5)
          << name << " " << k;
  for (const char* name : {"excluded_loss_all_frequencies", "excluded_loss_3d_all_frequencies"})
    EXPECT_NEAR(*got.metric(name), std::log(p), 1e-5) << name;
  const double length = amplitude * std::sqrt(p * p * p / 2.0);
  for (int k = 1; k <= (p - 1) / 2; ++k)
    EXPECT_NEAR(got.array("cos_coefficients")->data[static_cast<std::size_t>(k - 1)],
                k == frequency ? length : 0, 1e-4);
}

TEST_F(OneFrequency, writes_to_the_logits_at_that_frequency_alone) {
  const Measurements got = set.measure(weights);
  const DoubleTensor& norms = *got.array("neuron_logit_spectrum");
  ASSERT_EQ(norms.shape, (Shape{5}));
  for (int k = 1; k <= 5; ++k)
    EXPECT_EQ(norms.data[static_cast<std::size_t>(k - 1)] > 1e-4, k == frequency) << k;
  EXPECT_NEAR(*got.metric("gini.W_L.frequencies"), 0.8, 1e-5);  // 4 of 5 are nothing
  EXPECT_EQ(got.array("key_frequencies.neuron_logit")->data,
            (DoubleTensor({1}, std::vector<double>{frequency}).data));
}

TEST_F(OneFrequency, looks_at_all_positions_alike) {
  const Measurements got = set.measure(weights);
  const DoubleTensor& mean = *got.array("attention_to_tokens");
  ASSERT_EQ(mean.shape, (Shape{1, 2, 3}));
  for (const double x : mean.data) EXPECT_NEAR(x, 1.0 / 3, 1e-6);
}

TEST_F(OneFrequency, is_key_by_the_default_rule_once_the_embedding_has_it) {
  EXPECT_NE(set.key_frequencies(weights), std::vector<int>{frequency});  // 3a has all frequencies
  for (int a = 0; a < p; ++a) {
    at(weights, "embed.W_E", a, 0) = static_cast<float>(5 * std::cos(wave(frequency, a)));
    at(weights, "embed.W_E", a, 1) = static_cast<float>(5 * std::sin(wave(frequency, a)));
  }
  const Measurements got = set.measure(weights);
  const DoubleTensor& norms = *got.array("embedding_spectrum");
  for (int k = 1; k <= 5; ++k)
    EXPECT_NEAR(norms.data[static_cast<std::size_t>(k - 1)], k == frequency ? 5 * std::sqrt(p) : 0,
                1e-5);
  EXPECT_NEAR(*got.metric("gini.W_E"), 1 - 2.0 / p, 1e-6);  // a cosine and a sine of p components
  EXPECT_EQ(set.key_frequencies(weights), std::vector<int>{frequency});
}

TEST_F(OneFrequency, in_a_neuron_is_told_from_a_dead_one) {
  // Neuron 0 sees cos(w a) + cos(w b), never below -2; neuron 1 nothing.
  for (int a = 0; a < p; ++a)
    at(weights, "embed.W_E", a, 0) = static_cast<float>(3 * std::cos(wave(frequency, a)));
  for (int j = 0; j < 2 * p; ++j) {
    at(weights, "blocks.0.mlp.W_in", 0, j) = j == 0 ? 1 : 0;
    weights.at("blocks.0.mlp.b_in").data[static_cast<std::size_t>(j)] = j == 0 ? 5.0f : -1.0f;
  }
  const Measurements got = set.measure(weights);
  EXPECT_EQ(got.array("neuron_frequency")->data[0], frequency);
  EXPECT_NEAR(got.array("neuron_explained")->data[0], 1, 1e-6);
  EXPECT_EQ(got.array("neuron_frequency")->data[1], 0);
  EXPECT_NEAR(*got.metric("neurons_explained"), 1.0 / (2 * p), 1e-15);
}

TEST_F(OneFrequency, weighs_what_its_tensors_weigh) {
  const Measurements got = set.measure(weights);
  double total = 0;
  for (const auto& [name, tensor] : weights) total += *got.metric("sum_squared_weights." + name);
  EXPECT_DOUBLE_EQ(*got.metric("sum_squared_weights"), total);
  EXPECT_DOUBLE_EQ(*got.metric("sum_squared_weights.embed.W_E"), 9.0 * 385);  // 0 + 1 + ... + 100
  EXPECT_DOUBLE_EQ(*got.metric("sum_squared_weights.blocks.0.mlp.b_out"), 2);
}

// A network as it is drawn, in which no two numbers are alike.
class FreshNetwork : public testing::Test {
 protected:
  double metric(const char* name) const { return *with_keys.metric(name); }

  TaskData task = small_task(p);
  Params model = small_model(2);
  Weights weights = small_weights(task, model);
  ThreadPool pool{2};
  ProbeSet set{model, task, {}, pool};
  const std::vector<int> keys{frequency};
  Measurements any = set.measure(weights);
  Measurements with_keys = set.measure_with_keys(weights, keys);
};

TEST_F(FreshNetwork, restricted_losses_of_the_splits_make_up_that_of_all) {
  const double share = static_cast<double>(task.train.size()) / (p * p);
  EXPECT_NE(metric("restricted_train_loss"), metric("restricted_test_loss"));
  EXPECT_NEAR(
      share * metric("restricted_train_loss") + (1 - share) * metric("restricted_test_loss"),
      metric("restricted_loss"), 1e-12);
}

TEST_F(FreshNetwork, excluded_losses_of_one_key_are_those_of_its_frequency) {
  const auto of_frequency = [&](const char* name) {
    return any.array(name)->data[static_cast<std::size_t>(frequency - 1)];
  };
  EXPECT_NE(metric("excluded_loss"), metric("excluded_loss_3d_full"));
  EXPECT_NEAR(metric("excluded_loss"), of_frequency("excluded_loss_2d"), 1e-12);
  EXPECT_NEAR(metric("excluded_loss_3d_full"), of_frequency("excluded_loss_3d"), 1e-12);
}

TEST_F(FreshNetwork, excluded_losses_of_all_frequencies_are_those_of_all_as_keys) {
  const Measurements all = set.measure_with_keys(weights, std::vector<int>{1, 2, 3, 4, 5});
  EXPECT_NEAR(*any.metric("excluded_loss_all_frequencies"), *all.metric("excluded_loss"), 1e-12);
  EXPECT_NEAR(*any.metric("excluded_loss_3d_all_frequencies"), *all.metric("excluded_loss_3d_full"),
              1e-12);
}

TEST_F(FreshNetwork, shows_the_neurons_of_its_last_layer) {
  EXPECT_EQ(any.array("attention_to_tokens")->shape, (Shape{2, 2, 3}));
  for (float& x : weights.at("blocks.1.mlp.W_out").data) x = 0;
  const Measurements silent = set.measure(weights);
  for (const double norm : silent.array("neuron_logit_spectrum")->data) EXPECT_EQ(norm, 0);
  for (float& x : weights.at("blocks.1.mlp.W_in").data) x = 0;
  const Measurements dead = set.measure(weights);
  for (const double k : dead.array("neuron_frequency")->data) EXPECT_EQ(k, 0);
}

TEST(Captures, refuse_weights_that_leave_a_leaf_unbound) {
  const TaskData task = small_task(p);
  const Params model = small_model();
  ThreadPool pool(1);
  Captures captures(model, task, {}, pool);
  EXPECT_THROW(captures.run({}), ContractBroken);
  const std::vector<HookRequest> unknown{{"blocks.7.hook_resid_pre"}};
  EXPECT_TRUE(fails_with(ErrorCode::usage, "blocks.7.hook_resid_pre",
                         [&] { Captures(model, task, unknown, pool); }));
}

TEST(PhasesProbe, tells_where_a_run_memorized_and_grokked) {
  std::map<std::string, std::vector<MetricPoint>, std::less<>> curves;
  for (std::int64_t step = 0; step <= 2000; step += 10) {
    const double fall = 1 / (1 + std::exp(static_cast<double>(step - 1000) / 50));
    curves["train_accuracy"].push_back({step, step < 100 ? 0.5 : 1});
    curves["test_accuracy"].push_back({step, step < 1100 ? 0.1 : 1});
    curves["test_loss"].push_back({step, 1e-6 + 20 * fall * (step < 200 ? 0.5 : 1)});
  }
  const CurveLookup lookup = [&](std::string_view name) {
    const auto found = curves.find(name);
    return found == curves.end() ? std::vector<MetricPoint>() : found->second;
  };
  const std::vector<Event> events = probes::phases().conclude(lookup);
  ASSERT_GE(events.size(), 2u);
  const auto has = [&](std::int64_t step, const char* detail) {
    return std::ranges::count(events, Event{step, "phase_change", detail}) == 1;
  };
  EXPECT_TRUE(has(100, R"({"reached":"train_accuracy"})"));
  EXPECT_TRUE(has(1100, R"({"reached":"test_accuracy"})"));
  curves.erase("test_loss");
  EXPECT_TRUE(probes::phases().conclude(lookup).empty());
}

}  // namespace
}  // namespace grok
