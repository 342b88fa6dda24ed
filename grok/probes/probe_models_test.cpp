// Laws for every probe on a handful of tasks and models: it measures, or is left out.

#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "grok/probes/testing.h"

namespace grok {
namespace {

struct Pair {
  const char* name;
  const TaskDef& task;
  Params task_params;
  const ModelDef& model;
  Params model_params;
};

const Params small_transformer{{"d_model", std::int64_t{8}},
                               {"n_heads", std::int64_t{2}},
                               {"d_head", std::int64_t{4}},
                               {"d_mlp", std::int64_t{12}}};

Params with(Params params, const Params& more) {
  for (const auto& [key, value] : more) params.set(key, value);
  return params;
}

std::vector<Pair> pairs() {
  const auto word = [](const char* text) { return std::string(text); };
  const Params addition{{"operation", word("addition")}, {"p", std::int64_t{7}}};
  const Params in_pairs = with(addition, {{"layout", word("pizza")}});
  const Params product{{"operation", word("multiplication")}, {"p", std::int64_t{7}}};
  const Params drawn{{"n_test", std::int64_t{9}}};
  const Params layers{{"d_mlp", std::int64_t{6}}};
  const auto two_layers = with(small_transformer, {{"n_layers", std::int64_t{2}}});
  const auto& arithmetic = tasks::modular_arithmetic();
  const auto& transformer = models::transformer();
  return {{"addition", arithmetic, addition, transformer, two_layers},
          {"addition, tied and normalized", arithmetic,
           with(addition, {{"separate_operands", true}}), transformer,
           with(two_layers, {{"layer_norm", word("pre")},
                             {"positions", word("rotary")},
                             {"biases", word("all")},
                             {"causal", false}})},
          {"addition, by pairs, a pizza", arithmetic, in_pairs, transformer,
           with(small_transformer, {{"attention_rate", 0.0}, {"tied", true}, {"causal", false}})},
          {"addition, one-hot", arithmetic, in_pairs, models::mlp(), layers},
          {"addition, one-hot, two layers", arithmetic, addition, models::mlp(),
           with(layers, {{"n_layers", std::int64_t{2}}, {"act", word("square")}})},
          {"addition, linear pizza",
           arithmetic,
           in_pairs,
           models::pizza_linear(),
           {{"d_model", std::int64_t{6}}}},
          {"addition, halves joined",
           arithmetic,
           in_pairs,
           models::pizza_linear(),
           {{"d_model", std::int64_t{6}}, {"variant", word("delta")}}},
          {"product", arithmetic, product, transformer, small_transformer},
          {"product, one vocabulary", arithmetic, with(product, {{"layout", word("openai")}}),
           transformer, small_transformer},
          {"permutations",
           tasks::group_composition(),
           {{"n", std::int64_t{4}}},
           transformer,
           small_transformer},
          {"permutations, one-hot",
           tasks::group_composition(),
           {{"n", std::int64_t{3}}},
           models::mlp(),
           layers},
          {"skip trigrams", tasks::skip_trigram(), drawn, transformer,
           with(small_transformer, {{"attn_only", true}})},
          {"skip trigrams, a table", tasks::skip_trigram(), drawn, models::attention_table(), {}},
          {"repeated subsequence", tasks::repeated_subsequence(), drawn, transformer,
           with(two_layers, {{"attn_only", true}, {"residual_multiplier", 2.0}})},
          {"digits", tasks::digit_addition(), drawn, transformer, small_transformer},
          {"parity", tasks::sparse_parity(), drawn, models::mlp(), layers},
          {"a linear teacher",
           tasks::teacher_student(),
           with(drawn, {{"d_in", std::int64_t{4}}}),
           models::deep_linear(),
           {}}};
}

TaskData data_of(const Pair& pair) {
  Params params = checked_params(pair.task.schema(), pair.task_params, {{"seed", std::int64_t{1}}});
  params.set("name", std::string(pair.task.name));
  return tasks::data_of(params);
}

Params model_of(const Pair& pair) {
  Params params =
      checked_params(pair.model.schema(), pair.model_params, {{"seed", std::int64_t{1}}});
  params.set("name", std::string(pair.model.name));
  return params;
}

using Values = std::vector<std::pair<std::string, std::vector<double>>>;

Values all_values(ProbeSet& set, const Weights& weights) {
  Values out;
  const Measurements got = set.measure_all(weights, std::vector<int>{1, 3});
  for (const auto& [name, value] : got.metrics) out.push_back({name, {value}});
  for (const ArrayMetric& a : got.arrays)
    out.push_back({a.name, {a.values.data.begin(), a.values.data.end()}});
  return out;
}

// A class of answers that no example is of has no loss.
bool may_lack_numbers(const std::string& name) { return name.find("_loss_by_") != name.npos; }

TEST(ProbesOfModels, are_finite_and_the_same_bits_for_any_number_of_threads) {
  std::set<std::string> measured;
  for (const Pair& pair : pairs()) {
    SCOPED_TRACE(pair.name);
    const TaskData task = data_of(pair);
    const Params model = model_of(pair);
    const Weights weights = small_weights(task, model);
    const std::vector<std::string> names = applicable_probes(task, model);
    measured.insert(names.begin(), names.end());
    Values first;
    for (const int n_threads : {1, 2, 4}) {
      ThreadPool pool(n_threads);
      ProbeSet set(model, task, names, pool);
      ASSERT_EQ(set.probes().size(), names.size());
      Values got = all_values(set, weights);
      if (first.empty()) {
        for (const auto& [name, numbers] : got)
          for (const double x : numbers)
            EXPECT_TRUE(std::isfinite(x) || may_lack_numbers(name)) << name;
        std::erase_if(got, [](const auto& value) { return may_lack_numbers(value.first); });
        first = got;
      }
      std::erase_if(got, [](const auto& value) { return may_lack_numbers(value.first); });
      EXPECT_EQ(got, first) << n_threads << " threads";
    }
  }
  for (const ProbeDef* probe : probes::catalog())
    EXPECT_TRUE(measured.contains(std::string(probe->name)))
        << probe->name << " applies to none of these";
}

TEST(ProbesOfModels, that_know_no_blocks_leave_out_what_needs_them) {
  for (const Pair& pair : pairs()) {
    if (&pair.model == &models::transformer()) continue;
    SCOPED_TRACE(pair.name);
    const TaskData task = data_of(pair);
    for (const ProbeDef* probe :
         {&probes::head_scores(), &probes::attention_pattern(), &probes::circuits(),
          &probes::circuit_eigenvalues(), &probes::composition_scores()})
      EXPECT_FALSE(probe->applies(task, model_of(pair))) << probe->name;
  }
}

TEST(ProbesOfModels, see_the_neurons_of_a_multilayer_perceptron) {
  Params addition = checked_params(tasks::modular_arithmetic().schema(),
                                   {{"operation", std::string("addition")},
                                    {"layout", std::string("pizza")},
                                    {"p", std::int64_t{11}}},
                                   {{"seed", std::int64_t{1}}});
  addition.set("name", std::string("modular_arithmetic"));
  Params model = checked_params(models::mlp().schema(),
                                {{"init", std::string("gromov_analytic")},
                                 {"act", std::string("square")},
                                 {"biases", false},
                                 {"d_mlp", std::int64_t{60}}},
                                {{"seed", std::int64_t{1}}});
  model.set("name", std::string("mlp"));
  const TaskData task = tasks::data_of(addition);
  const Weights weights = small_weights(task, model);
  ThreadPool pool(2);
  ProbeSet set(model, task, {}, pool);
  const Measurements got = set.measure(weights);
  // (cos x + cos y)^2: 2 cos x cos y has variance 1 at the neuron's frequency, the squares together
  // a quarter at twice that. Frequencies k and 11 - k are one.
  const DoubleTensor& frequency = *got.array("neuron_frequency");
  ASSERT_EQ(frequency.shape, (Shape{60}));
  for (std::size_t j = 0; j < 60; ++j) {
    const int k = 1 + static_cast<int>(j) % 10;
    EXPECT_EQ(frequency.data[j], k <= 5 ? k : 11 - k) << j;
    EXPECT_NEAR(got.array("neuron_explained")->data[j], 0.8, 1e-5);
  }
  // Each frequency has twelve neurons.
  for (const double norm : got.array("neuron_logit_spectrum")->data)
    EXPECT_NEAR(norm, 2.0 / 60 * std::sqrt(12 * 5.5), 1e-6);
  for (const double norm : got.array("embedding_spectrum")->data)
    EXPECT_NEAR(norm, std::sqrt(12 * 5.5), 1e-5);
}

}  // namespace
}  // namespace grok
