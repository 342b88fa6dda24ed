// Terms on tables whose answers are known, and on random ones against the analysis that probes use.

#include "grok/terms/terms.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "grok/analysis/fourier.h"
#include "grok/analysis/modular_logits.h"
#include "grok/analysis/neurons.h"
#include "grok/base/error.h"
#include "grok/base/rng.h"
#include "grok/models/answers.h"
#include "grok/ops/catalog.h"
#include "grok/plan/interpret.h"
#include "grok/spec/run_spec.h"
#include "tests/support/expect_error.h"

namespace grok {
namespace {

constexpr int p = 11;
constexpr int n_freq = (p - 1) / 2;

Params with_name(const char* name, const Schema& schema, const Params& given) {
  Params out = checked_params(schema, given, {{"seed", std::int64_t{1}}});
  out.set("name", std::string(name));
  return out;
}

const TaskData& addition() {
  static const TaskData task =
      tasks::data_of(with_name("modular_addition", tasks::modular_addition().schema(),
                               {{"p", std::int64_t{p}}, {"train_fraction", 0.4}}));
  return task;
}

const Params& small_model() {
  static const Params model = with_name("transformer", models::transformer().schema(),
                                        {{"d_model", std::int64_t{6}},
                                         {"n_heads", std::int64_t{1}},
                                         {"d_head", std::int64_t{6}},
                                         {"d_mlp", std::int64_t{9}}});
  return model;
}

/// A section [terms] of one term, "x".
Params section_of(const char* name, const Params& given) {
  Params params = given;
  if (!params.contains("weight")) params.set("weight", 0.5);
  Params out;
  out.set_part("x", with_name(name, terms::find(name)->schema(), params));
  return out;
}

DoubleTensor random_tensor(const Shape& shape, const char* stream) {
  DoubleTensor out(shape);
  const Rng rng(3, stream);
  std::uint64_t i = 0;
  for (double& x : out.data) x = 2 * rng.normal(i++);
  return out;
}

/// What a term may read: logits of p + 1 classes, an embedding, neurons; and a mask, if any.
struct Parts {
  DoubleTensor logits = random_tensor({p * p, p + 1}, "logits");
  DoubleTensor embedding = random_tensor({p + 1, 6}, "embedding");
  DoubleTensor neurons = random_tensor({p * p, 9}, "neurons");
  DoubleTensor mask = DoubleTensor(Shape{p});
};

double term_value(const Params& section, const Parts& parts = {}) {
  Graph g;
  const NodeId logits = g.weight("logits", parts.logits.shape);
  g.weight("embed.W_E", parts.embedding.shape);
  // Neurons at the answer; the positions before it hold something else.
  const NodeId neurons = g.add(ops::reshape(), {g.weight("neurons", parts.neurons.shape)},
                               {{"shape", std::vector<std::int64_t>{p * p, 1, 9}}});
  const std::int64_t two = 2;
  g.hook(g.add(ops::pad(), {neurons}, {{"axis", 1}, {"before", two}, {"after", 0}}),
         "blocks.0.mlp.hook_post");
  terms::add(g, section, addition(), small_model(), logits, g.constant(0.0));
  Bindings bindings;
  bindings.reals.add("logits", parts.logits);
  bindings.reals.add("embed.W_E", parts.embedding);
  bindings.reals.add("neurons", parts.neurons);
  bindings.reals.add("terms.x", parts.mask);
  return interpret(g, bindings).at("term.x").data[0];
}

DoubleTensor wave_logits(int k, double amplitude) {
  DoubleTensor out(Shape{p * p, p + 1});
  for (int a = 0; a < p; ++a)
    for (int b = 0; b < p; ++b)
      for (int c = 0; c < p; ++c)
        out.data[static_cast<std::size_t>((a * p + b) * (p + 1) + c)] =
            amplitude * std::cos(2 * std::numbers::pi * k * (a + b - c) / p);
  return out;
}

double loss_of_wave(double amplitude) {
  double sum = 0;
  for (int d = 0; d < p; ++d)
    sum += std::exp(amplitude * (std::cos(2 * std::numbers::pi * d / p) - 1));
  return std::log(sum);
}

Integers only(std::int64_t k) { return {k}; }

// Frequencies and waves are rounded to float32 in the graph: hence the tolerances.
constexpr double rounding = 1e-6;

TEST(Excluded, of_a_network_of_one_frequency_is_the_logarithm_of_p) {
  Parts parts;
  for (const int k : {1, 3, n_freq}) {
    parts.logits = wave_logits(k, 9);
    for (const char* rows : {"train", "all"}) {
      const Params with{{"frequencies", only(k)}, {"rows", std::string(rows)}};
      const Params other{{"frequencies", only(k % n_freq + 1)}, {"rows", std::string(rows)}};
      EXPECT_NEAR(term_value(section_of("excluded", with), parts), std::log(p), 1e-5);
      EXPECT_NEAR(term_value(section_of("excluded", other), parts), loss_of_wave(9), 1e-5);
      EXPECT_NEAR(term_value(section_of("restricted", with), parts), loss_of_wave(9), 1e-5);
      EXPECT_NEAR(term_value(section_of("restricted", other), parts), std::log(p), 1e-5);
    }
  }
}

struct Analysed {
  std::vector<double> logits;
  SumSpectrum spectrum;
  explicit Analysed(const Parts& parts)
      : logits(class_logits(Doubles(parts.logits.span()), p, p + 1)),
        spectrum(sum_spectrum(logits, p)) {}
};

std::vector<std::int32_t> split(const char* rows) {
  return rows == std::string("train") ? addition().train : all_rows(p * p);
}

TEST(ExcludedAndRestricted, are_the_losses_that_probes_measure) {
  const Parts parts;
  const Analysed analysed(parts);
  for (const char* rows : {"train", "all"}) {
    for (const std::vector<int>& keys : {std::vector<int>{2}, {1, 4, 5}, {1, 2, 3, 4, 5}}) {
      const Params given{{"frequencies", Integers(keys.begin(), keys.end())},
                         {"rows", std::string(rows)}};
      const double excluded =
          excluded_loss_2d(analysed.logits, analysed.spectrum, keys, split(rows)).loss;
      const double restricted = restricted_loss(analysed.spectrum, keys, split(rows)).loss;
      EXPECT_NEAR(term_value(section_of("excluded", given), parts), excluded, rounding * excluded);
      EXPECT_NEAR(term_value(section_of("restricted", given), parts), restricted,
                  rounding * restricted);
      if (keys.size() < n_freq) continue;
      Params all = given;
      all.set("frequencies", std::string("all"));
      EXPECT_EQ(term_value(section_of("excluded", all), parts),
                term_value(section_of("excluded", given), parts));
    }
  }
}

// The mask says which of all frequencies are key.
TEST(ExcludedAndRestricted, of_key_frequencies_are_those_of_the_masked_ones) {
  Parts parts;
  for (const std::size_t k : {2u, 5u}) parts.mask.data[2 * k - 1] = parts.mask.data[2 * k] = 1;
  const Params key{{"frequencies", std::string("key")}}, fixed{{"frequencies", Integers{2, 5}}};
  EXPECT_NEAR(term_value(section_of("excluded", key), parts),
              term_value(section_of("excluded", fixed), parts), rounding);
  EXPECT_NEAR(term_value(section_of("frequency_power", key), parts),
              term_value(section_of("frequency_power", fixed), parts), rounding);
  parts.mask.data[0] = 1;
  EXPECT_NEAR(term_value(section_of("restricted", key), parts),
              term_value(section_of("restricted", fixed), parts), rounding);
}

double power_of(const char* of, const Integers& keys, const char* measure, const Parts& parts) {
  return term_value(section_of("frequency_power", {{"frequencies", keys},
                                                   {"of", std::string(of)},
                                                   {"measure", std::string(measure)}}),
                    parts);
}

// By the whole transform, and not by sums along a, b, a + b and a - b.
TEST(FrequencyPower, of_neurons_is_the_block_that_the_paper_takes) {
  const Parts parts;
  const std::vector<double> G = fourier_transform_2d(FourierBasis(p), parts.neurons.span());
  for (int k = 1; k <= n_freq; ++k) {
    double block = 0, all = 0;
    const auto is_in = [&](int f) { return f == 0 || FourierBasis::frequency(f) == k; };
    for (int f = 0; f < p; ++f)
      for (int h = 0; h < p; ++h)
        for (int j = 0; j < 9; ++j) {
          const double x = G[static_cast<std::size_t>((f * p + h) * 9 + j)];
          if (f == 0 && h == 0) continue;
          all += x * x;
          if (is_in(f) && is_in(h)) block += x * x;
        }
    EXPECT_NEAR(power_of("neurons", only(k), "power", parts), block, rounding * block);
    EXPECT_NEAR(power_of("neurons", only(k), "share", parts), block / all, rounding);
  }
}

TEST(FrequencyPower, of_embedding_and_logits_is_that_of_their_spectra) {
  const Parts parts;
  const std::vector<double> rows(parts.embedding.data.begin(),
                                 parts.embedding.data.begin() + p * 6);
  const std::vector<double> norms = frequency_norms(component_norms(FourierBasis(p), rows));
  const Analysed analysed(parts);
  for (int k = 1; k <= n_freq; ++k) {
    const double of_embedding = std::pow(norms[static_cast<std::size_t>(k - 1)], 2);
    EXPECT_NEAR(power_of("embedding", only(k), "power", parts), of_embedding,
                rounding * of_embedding);
    double of_logits = 0;
    const std::vector<int> keys{k};
    for (const double x : project_on_keys(analysed.logits, p, keys)) of_logits += x * x;
    EXPECT_NEAR(power_of("logits", only(k), "power", parts), of_logits, rounding * of_logits);
  }
}

TEST(FrequencyPower, is_shared_out_among_all_frequencies) {
  Parts parts;
  double sum = 0;
  for (int k = 1; k <= n_freq; ++k) sum += power_of("embedding", only(k), "share", parts);
  EXPECT_NEAR(sum, 1, rounding);
  parts.logits = wave_logits(3, 2);
  EXPECT_NEAR(power_of("logits", only(3), "share", parts), 1, rounding);
  EXPECT_NEAR(power_of("logits", only(2), "share", parts), 0, rounding);
}

TEST(Terms, are_added_to_the_loss_by_their_weights) {
  const auto loss_with = [](double weight) {
    Graph g;
    const NodeId logits = g.weight("logits", Shape{p * p, p + 1});
    const Params section =
        section_of("excluded", {{"weight", weight}, {"frequencies", std::string("all")}});
    const NodeId loss = terms::add(g, section, addition(), small_model(), logits, g.constant(7.0));
    g.output("loss", loss);
    Bindings bindings;
    bindings.reals.add("logits", Parts().logits);
    const auto out = interpret(g, bindings);
    return std::pair(out.at("loss").data[0], out.at("term.x").data[0]);
  };
  for (const double weight : {0.25, -3.0, 0.0}) {
    const auto [loss, value] = loss_with(weight);
    EXPECT_GT(value, 1);
    EXPECT_NEAR(loss, 7 + weight * value, 1e-12);
  }
}

TEST(Terms, tell_what_they_cannot_be_used_for) {
  const auto refused = [](const Params& section, const TaskData& task, const Params& model,
                          const char* words) {
    return fails_with(ErrorCode::usage, words, [&] { terms::require(section, task, model); });
  };
  const TaskData& task = addition();
  const Params key = section_of("excluded", {});
  terms::require(key, task, small_model());
  const auto with = [](const Integers& frequencies) {
    return section_of("excluded", {{"frequencies", frequencies}});
  };
  EXPECT_TRUE(refused(with({6}), task, small_model(),
                      "terms.x.frequencies: expected different "
                      "numbers from 1 to 5, found 6"));
  EXPECT_TRUE(refused(with({2, 3, 2}), task, small_model(), "found 2 twice"));
  TaskData product = task;
  std::ranges::fill(product.labels.data, 0);
  EXPECT_TRUE(refused(key, product, small_model(), "no addition mod an odd p"));
  terms::require(section_of("frequency_power", {}), product, small_model());
  TaskData words = task;
  words.modulus.reset();
  EXPECT_TRUE(refused(key, words, small_model(), "no function mod an odd p"));
  Params without_mlp = small_model();
  without_mlp.set("attn_only", true);
  EXPECT_TRUE(refused(key, task, without_mlp, "key frequencies are read off"));
  terms::require(with({2}), task, without_mlp);
  const Params neurons =
      section_of("frequency_power", {{"frequencies", only(2)}, {"of", std::string("neurons")}});
  EXPECT_TRUE(refused(neurons, task, without_mlp, "the model has no neurons"));
}

// An embedding and an unembedding of two waves each: these are key, and nothing else.
TEST(Terms, read_the_key_frequencies_off_the_weights_when_they_are_due) {
  const TaskData& task = addition();
  const Params& model = small_model();
  Weights weights = models::of(model).init(model, model_sizes(task));
  Params section = section_of("restricted", {{"reread_every", std::int64_t{5}}});
  ThreadPool pool(2);
  const auto put_wave = [&](int k) {
    Tensor& W_E = weights.at("embed.W_E");
    Tensor& W_out = weights.at("blocks.0.mlp.W_out");
    Tensor& W_U = weights.at("unembed.W_U");
    for (Tensor* t : {&W_E, &W_out, &W_U}) std::ranges::fill(t->data, 0.0f);
    W_out.data[0] = 1;
    for (int x = 0; x < p; ++x) {
      const auto wave = static_cast<float>(std::cos(2 * std::numbers::pi * k * x / p));
      W_E.data[static_cast<std::size_t>(x * 6)] = wave;
      W_U.data[static_cast<std::size_t>(x)] = wave;
    }
  };
  const auto mask_of = [](const NamedTensors& state) { return state.at("x").data; };
  put_wave(2);
  NamedTensors state = terms::read(section, task, model, weights, pool);
  const AlignedVector<float> two = mask_of(state);
  EXPECT_EQ(std::vector<float>(two.begin(), two.end()),
            (std::vector<float>{1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0}));
  put_wave(4);
  const std::vector<terms::Term> of_section = terms::all_of(section);
  terms::reread(of_section, task, model, 4, weights, pool, state);
  EXPECT_EQ(mask_of(state), two);
  terms::reread(of_section, task, model, 10, weights, pool, state);
  const AlignedVector<float> four = mask_of(state);
  EXPECT_EQ(std::vector<float>(four.begin(), four.end()),
            (std::vector<float>{1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0}));
  section = section_of("restricted", {{"frequencies", only(2)}});
  EXPECT_EQ(terms::read(section, task, model, weights, pool).size(), 0u);
}

}  // namespace
}  // namespace grok
