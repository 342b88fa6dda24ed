// Laws for every probe of the catalogue.

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <gtest/gtest.h>

#include "grok/probes/testing.h"
#include "tests/support/expect_error.h"

namespace grok {
namespace {

const std::vector<int> two_keys{1, 3};

// Both parts of the measuring, as one list of names and numbers.
std::vector<std::pair<std::string, std::vector<double>>> all_values(ProbeSet& set,
                                                                    const Weights& weights) {
  std::vector<std::pair<std::string, std::vector<double>>> out;
  for (const Measurements& m : {set.measure(weights), set.measure_with_keys(weights, two_keys)}) {
    for (const auto& [name, value] : m.metrics) out.push_back({name, {value}});
    for (const ArrayMetric& a : m.arrays)
      out.push_back({a.name, {a.values.data.begin(), a.values.data.end()}});
  }
  return out;
}

std::vector<std::string> names_of(std::span<const ProbeDef* const> probes) {
  std::vector<std::string> out;
  for (const ProbeDef* p : probes) out.emplace_back(p->name);
  return out;
}

TEST(Probes, say_what_they_mean_and_where_it_stands) {
  for (const ProbeDef* p : probes::catalog()) {
    EXPECT_EQ(probes::find(p->name), p);
    EXPECT_FALSE(p->meaning.empty()) << p->name;
    EXPECT_FALSE(p->source.empty()) << p->name;
    EXPECT_TRUE(p->measure || p->measure_with_keys || p->conclude) << p->name;
  }
  EXPECT_EQ(probes::find("no such probe"), nullptr);
}

TEST(Probes, measure_fresh_networks_without_a_nan) {
  for (const std::int64_t n_layers : {1, 2}) {
    const TaskData task = small_task(11);
    const Params model = small_model(n_layers);
    ThreadPool pool(2);
    for (const std::string& probe : applicable_probes(task, model)) {
      const ProbeDef* p = probes::find(probe);
      const std::vector<std::string> name{probe};
      ProbeSet set(model, task, name, pool);
      ASSERT_EQ(set.probes().size(), 1u);
      const auto values = all_values(set, small_weights(task, model));
      EXPECT_EQ(values.empty(), p->measure == nullptr && p->measure_with_keys == nullptr);
      for (const auto& [metric, numbers] : values) {
        EXPECT_FALSE(numbers.empty()) << metric;
        for (const double x : numbers) EXPECT_TRUE(std::isfinite(x)) << metric;
      }
    }
  }
}

Params with(Params model, const char* key, Value value) {
  model.set(key, std::move(value));
  return model;
}

TEST(Probes, measure_other_architectures_or_are_left_out) {
  const TaskData task = small_task(11);
  ThreadPool pool(2);
  const Params normalized = with(small_model(2), "layer_norm", std::string("pre"));
  const Params without_mlp = with(small_model(2), "attn_only", true);
  for (const Params& model : {normalized, without_mlp}) {
    ProbeSet set(model, task, {}, pool);
    for (const auto& [metric, numbers] : all_values(set, small_weights(task, model)))
      for (const double x : numbers) EXPECT_TRUE(std::isfinite(x)) << metric;
    for (const int k : set.key_frequencies(small_weights(task, model))) EXPECT_LE(k, 5);
  }
  EXPECT_EQ(applicable_probes(task, normalized), applicable_probes(task, small_model(2)));
  const std::vector<std::string> left = names_of(ProbeSet(without_mlp, task, {}, pool).probes());
  const std::set<std::string> kept(left.begin(), left.end());
  for (const char* name : {"gini", "key_frequencies", "neuron_clusters", "neuron_logit_spectrum"})
    EXPECT_FALSE(kept.contains(name)) << name;
  for (const char* name : {"loss_and_accuracy", "attention_to_tokens", "restricted_loss"})
    EXPECT_TRUE(kept.contains(name)) << name;
}

// Two networks that compute the same: the one's gain is the other's unembedding, and what a neuron
// writes in all directions alike, the LayerNorm takes away.
TEST(Probes, see_the_neuron_logit_map_through_the_last_layer_norm) {
  const TaskData task = small_task(11);
  const Params model = with(small_model(), "layer_norm", std::string("pre"));
  Weights one = small_weights(task, model), two = one;
  Tensor& gain = one.at("ln_final.w");
  Tensor& W_U = two.at("unembed.W_U");
  const auto n_out = static_cast<std::size_t>(W_U.shape[1]);
  for (std::size_t i = 0; i < gain.data.size(); ++i) {
    gain.data[i] = i % 2 ? 0.5f : 2.0f;
    for (std::size_t j = 0; j < n_out; ++j) W_U.data[i * n_out + j] *= gain.data[i];
  }
  for (float& w : two.at("blocks.0.mlp.W_out").data) w += 3;
  ThreadPool pool(1);
  const std::vector<std::string> names{"neuron_logit_spectrum"};
  ProbeSet set(model, task, names, pool);
  const Measurements a = set.measure(one), b = set.measure(two);
  const DoubleTensor& x = *a.array("neuron_logit_spectrum");
  const DoubleTensor& y = *b.array("neuron_logit_spectrum");
  for (std::size_t k = 0; k < x.data.size(); ++k) {
    EXPECT_GT(x.data[k], 0.1);
    EXPECT_NEAR(x.data[k], y.data[k], 1e-5 * x.data[k]);
  }
}

TEST(Probes, name_each_metric_once) {
  const TaskData task = small_task(11);
  const Params model = small_model(2);
  ThreadPool pool(1);
  ProbeSet set(model, task, applicable_probes(task, model), pool);
  std::set<std::string> seen;
  for (const auto& [name, numbers] : all_values(set, small_weights(task, model)))
    EXPECT_TRUE(seen.insert(name).second) << name;
}

TEST(Probes, measure_the_same_bits_for_any_number_of_threads) {
  const TaskData task = small_task(31);
  const Params model = small_model(1, 32, 80);
  const Weights weights = small_weights(task, model);
  std::vector<std::pair<std::string, std::vector<double>>> first;
  for (const int n_threads : {1, 2, 4}) {
    ThreadPool pool(n_threads);
    ProbeSet set(model, task, {}, pool);
    const auto values = all_values(set, weights);
    if (first.empty()) first = values;
    EXPECT_EQ(values, first) << n_threads << " threads";
  }
}

TEST(Probes, measure_the_same_alone_as_together_and_again) {
  const TaskData task = small_task(11);
  const Params model = small_model();
  const Weights weights = small_weights(task, model);
  ThreadPool pool(2);
  ProbeSet together(model, task, applicable_probes(task, model), pool);
  const auto once = all_values(together, weights);
  EXPECT_EQ(all_values(together, weights), once);
  std::set<std::pair<std::string, std::vector<double>>> alone;
  for (const ProbeDef* p : probes::catalog()) {
    const std::vector<std::string> name{std::string(p->name)};
    ProbeSet set(model, task, name, pool);
    for (auto& value : all_values(set, weights)) alone.insert(std::move(value));
  }
  EXPECT_EQ(alone, (std::set(once.begin(), once.end())));
}

TEST(Probes, follow_the_weights_that_they_are_given) {
  const TaskData task = small_task(11);
  const Params model = small_model();
  ThreadPool pool(2);
  ProbeSet set(model, task, {}, pool);
  const Weights first = small_weights(task, model);
  Weights other = first;
  for (auto& [name, tensor] : other)
    for (float& x : tensor.data) x *= 1.5f;
  const auto before = all_values(set, first);
  const auto changed = all_values(set, other);
  EXPECT_NE(changed, before);
  EXPECT_EQ(all_values(set, first), before);
}

TEST(Probes, carry_a_nan_of_the_weights_into_their_numbers) {
  const TaskData task = small_task(11);
  const Params model = small_model();
  Weights weights = small_weights(task, model);
  for (auto& [name, tensor] : weights)
    for (float& x : tensor.data) x = std::numeric_limits<float>::quiet_NaN();
  ThreadPool pool(2);
  ProbeSet set(model, task, {}, pool);
  const Measurements got = set.measure(weights);
  EXPECT_TRUE(std::isnan(*got.metric("train_loss")));
  EXPECT_EQ(*got.metric("train_accuracy"), 0);
  EXPECT_TRUE(std::isnan(*got.metric("sum_squared_weights")));
  EXPECT_TRUE(set.key_frequencies(weights).empty());
  set.measure_with_keys(weights, two_keys);
}

TEST(Probes, that_are_slow_measure_only_where_they_are_named) {
  const TaskData task = small_task(11);
  const Params model = small_model(2);
  ThreadPool pool(1);
  const auto usual = names_of(ProbeSet(model, task, {}, pool).probes());
  for (const std::string& name : applicable_probes(task, model)) {
    const bool is_usual = std::find(usual.begin(), usual.end(), name) != usual.end();
    EXPECT_EQ(is_usual, probes::find(name)->by_default) << name;
    EXPECT_EQ(ProbeSet(model, task, std::vector{name}, pool).probes().size(), 1u) << name;
  }
  EXPECT_FALSE(probes::attention_pattern().by_default);
}

TEST(Probes, that_need_a_modulus_are_left_out_without_one) {
  TaskData task = small_task(11);
  const Params model = small_model();
  ThreadPool pool(1);
  const std::vector<std::string> always{
      "loss_and_accuracy", "weight_norms", "attention_to_tokens", "head_scores", "circuits",
      "numerical_health",  "phases"};
  task.modulus.reset();
  ProbeSet none(model, task, {}, pool);
  EXPECT_EQ(names_of(none.probes()), always);
  EXPECT_TRUE(none.key_frequencies(small_weights(task, model)).empty());
  for (const std::int64_t even : {2, 10}) {
    const TaskData small = small_task(even);
    ProbeSet set(model, small, {}, pool);
    EXPECT_EQ(names_of(set.probes()), always) << even;
    for (const auto& [name, numbers] : all_values(set, small_weights(small, model)))
      for (const double x : numbers) EXPECT_TRUE(std::isfinite(x)) << name;
  }
}

TEST(Probes, that_need_addition_are_left_out_of_other_functions) {
  TaskData task = small_task(11);
  for (std::size_t i = 0; i < task.labels.data.size(); ++i)
    task.labels.data[i] = static_cast<Token>((i / 11 + 2 * (i % 11)) % 11);
  ThreadPool pool(1);
  ProbeSet set(small_model(), task, {}, pool);
  const auto names = names_of(set.probes());
  const std::set<std::string> got(names.begin(), names.end());
  for (const char* left_out : {"restricted_loss", "excluded_loss", "trig_fit"})
    EXPECT_FALSE(got.contains(left_out)) << left_out;
  EXPECT_TRUE(got.contains("neuron_clusters"));
}

TEST(Probes, at_a_train_fraction_of_one_leave_the_test_split_out) {
  const TaskData task = small_task(11, 1.0);
  const Params model = small_model();
  ThreadPool pool(1);
  ProbeSet set(model, task, {}, pool);
  const Weights weights = small_weights(task, model);
  const Measurements got = set.measure(weights);
  EXPECT_EQ(got.metric("test_loss"), nullptr);
  EXPECT_EQ(*got.metric("all_loss"), *got.metric("train_loss"));
  EXPECT_EQ(set.measure_with_keys(weights, two_keys).metric("restricted_test_loss"), nullptr);
}

TEST(Probes, refuse_unknown_names_and_weights_that_do_not_fit) {
  const TaskData task = small_task(11);
  const Params model = small_model();
  ThreadPool pool(1);
  const std::vector<std::string> unknown{"gini", "ginny"};
  EXPECT_TRUE(fails_with(ErrorCode::usage, "ginny", [&] { ProbeSet(model, task, unknown, pool); }));
  const Weights narrow = small_weights(task, small_model(1, 8));
  for (const ProbeDef* p : probes::catalog()) {
    const std::vector<std::string> name{std::string(p->name)};
    ProbeSet set(model, task, name, pool);
    EXPECT_THROW(set.measure({}), ContractBroken) << p->name;
    EXPECT_THROW(set.measure(narrow), ContractBroken) << p->name;
    EXPECT_THROW(set.measure_with_keys(narrow, two_keys), ContractBroken) << p->name;
    EXPECT_THROW(set.key_frequencies(narrow), ContractBroken) << p->name;
  }
}

TEST(Probes, with_no_keys_measure_nothing_that_needs_them) {
  const TaskData task = small_task(11);
  const Params model = small_model();
  ThreadPool pool(1);
  ProbeSet set(model, task, {}, pool);
  const Measurements got = set.measure_with_keys(small_weights(task, model), {});
  EXPECT_TRUE(got.metrics.empty());
  EXPECT_TRUE(got.arrays.empty());
}

}  // namespace
}  // namespace grok
