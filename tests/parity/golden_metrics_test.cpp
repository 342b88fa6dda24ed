// All measures on the published network that was trained at weight decay 0.1, against
// reference/golden.json (float64, by PyTorch and NumPy): relative 1e-5, counts exactly.

#include <algorithm>
#include <cmath>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "grok/analysis/excluded_per_frequency.h"
#include "grok/analysis/gini.h"
#include "grok/analysis/key_frequencies.h"
#include "grok/analysis/modular_logits.h"
#include "grok/base/python_random.h"
#include "grok/store/safetensors.h"
#include "tests/parity/reference_network.h"
#include "tests/support/reference_data.h"

namespace grok {
namespace {

constexpr int p = 113;
const std::vector<int> keys{6, 23, 37, 39, 41};

struct Case {
  nlohmann::json golden;
  Weights weights;
  ReferenceOutputs outputs;
  SumSpectrum spectrum;
  std::vector<std::int32_t> train, test;
};

// Made once: the forward pass in plain loops takes a second or two.
const Case* load() {
  static const std::optional<Case> loaded = []() -> std::optional<Case> {
    const auto golden = reference_file("golden.json");
    const auto weights = reference_file("weights/wd_10-1_mod_addition_loss_curve.safetensors");
    if (!golden || !weights) return std::nullopt;
    Case out;
    out.golden = nlohmann::json::parse(std::ifstream(*golden))["wd_10-1_mod_addition"];
    out.weights = read_safetensors(*weights).tensors;
    out.outputs = run_reference_network(out.weights, p);
    out.spectrum = sum_spectrum(out.outputs.logits, p);
    out.train = all_rows(p * p);
    PythonRandom(1).shuffle(std::span(out.train));
    out.test.assign(out.train.begin() + 3830, out.train.end());
    out.train.resize(3830);
    return out;
  }();
  return loaded ? &*loaded : nullptr;
}

void expect_relative(double got, double want, const char* what) {
  EXPECT_NEAR(got / want, 1, 1e-5) << what << ": " << got << ", golden " << want;
}

class GoldenMetrics : public testing::Test {
 protected:
  void SetUp() override {
    if (load() == nullptr) GTEST_SKIP() << "no reference files";
  }
  static double golden(const char* key) { return load()->golden.at(key); }
};

// [n_frequencies] norms of the rows of W_U^T W_out
std::vector<double> neuron_logit_components(const Weights& weights) {
  const auto unembed = columns_as_rows(weights.at("unembed.W_U"), p);
  const Tensor& w_out = weights.at("blocks.0.mlp.W_out");
  const auto d = static_cast<std::size_t>(w_out.shape[0]),
             m = static_cast<std::size_t>(w_out.shape[1]);
  std::vector<double> w_l(p * m);
  for (std::size_t c = 0; c < p; ++c)
    for (std::size_t i = 0; i < d; ++i)
      for (std::size_t j = 0; j < m; ++j)
        w_l[c * m + j] += unembed[c * d + i] * static_cast<double>(w_out.data[i * m + j]);
  return component_norms(FourierBasis(p), w_l);
}

std::vector<double> embedding_components(const Weights& weights) {
  return component_norms(FourierBasis(p), columns_as_rows(weights.at("embed.W_E"), p));
}

double median(std::vector<double> x) {
  std::sort(x.begin(), x.end());
  return x.size() % 2 == 1 ? x[x.size() / 2] : 0.5 * (x[x.size() / 2 - 1] + x[x.size() / 2]);
}

TEST_F(GoldenMetrics, losses_and_accuracy) {
  const Case& c = *load();
  const auto labels = addition_labels(p);
  const auto loss = [&](Rows rows) { return cross_entropy(c.outputs.logits, p, labels, rows); };
  const auto& match = c.golden.at("split_match");
  expect_relative(loss(all_rows(p * p)).loss, golden("loss_all_113way"), "all");
  expect_relative(loss(c.train).loss, match.at("train_loss"), "train");
  expect_relative(loss(c.test).loss, match.at("test_loss"), "test");
  EXPECT_EQ(loss(all_rows(p * p)).accuracy, golden("acc_all"));
}

TEST_F(GoldenMetrics, spectra_and_their_inequality) {
  const auto embedding = embedding_components(load()->weights);
  const auto neuron_logit = neuron_logit_components(load()->weights);
  expect_relative(gini(embedding), golden("gini_WE_113comp"), "gini W_E");
  expect_relative(gini(frequency_norms(embedding)), golden("gini_WE_56freq"), "gini W_E, 56");
  expect_relative(gini(neuron_logit), golden("gini_WL_113comp"), "gini W_L");
  expect_relative(gini(frequency_norms(neuron_logit)), golden("gini_WL_56freq"), "gini W_L, 56");
  const auto compare = [&](Doubles norms, const char* top, const char* middle) {
    for (const auto& [k, norm] : load()->golden.at(top).get<std::vector<std::pair<int, double>>>())
      expect_relative(norms[static_cast<std::size_t>(k - 1)], norm, top);
    expect_relative(median({norms.begin(), norms.end()}), golden(middle), middle);
  };
  compare(frequency_norms(embedding), "WE_top_freqs", "WE_median_norm");
  compare(frequency_norms(neuron_logit), "WL_top_freqs", "WL_median_norm");
}

TEST_F(GoldenMetrics, neuron_clusters) {
  const Case& c = *load();
  ThreadPool pool(2);
  const auto neurons = dominant_frequencies(neuron_spectrum(c.outputs.activations, p, 512, pool));
  std::map<int, int> want;
  int explained = 0;
  for (const auto& [k, count] : c.golden.at("neuron_clusters_FVE>=0.85").items()) {
    want[std::stoi(k)] = count;
    explained += count.get<int>();
  }
  EXPECT_EQ(neuron_clusters(neurons), want);
  EXPECT_EQ(512 - explained, golden("neurons_unexplained"));
  std::vector<double> shares;
  int n_dead = 0;
  double sum = 0;
  for (const NeuronFrequency& n : neurons) {
    shares.push_back(n.explained);
    sum += n.explained;
    n_dead += n.frequency == 0 ? 1 : 0;
  }
  expect_relative(sum / 512, golden("neuron_FVE_mean"), "mean share");
  expect_relative(median(shares), golden("neuron_FVE_median"), "median share");
  EXPECT_EQ(n_dead, golden("dead_neurons"));
  EXPECT_EQ(neuron_rule(neurons, cluster_threshold), keys);
}

TEST_F(GoldenMetrics, key_frequencies_by_weights) {
  const auto embedding = frequency_norms(embedding_components(load()->weights));
  const auto neuron_logit = frequency_norms(neuron_logit_components(load()->weights));
  EXPECT_EQ(load()->golden.at("key_freqs").get<std::vector<int>>(), keys);
  EXPECT_EQ(embedding_rule(embedding, neuron_logit), keys);
  EXPECT_EQ(neuron_logit_rule(neuron_logit), keys);
}

TEST_F(GoldenMetrics, restricted_and_excluded_loss) {
  const Case& c = *load();
  const LossAndAccuracy all = restricted_loss(c.spectrum, keys, all_rows(p * p));
  expect_relative(all.loss, golden("restricted_all"), "restricted, all");
  EXPECT_EQ(all.accuracy, golden("restricted_acc"));
  expect_relative(restricted_loss(c.spectrum, keys, c.train).loss, golden("restricted_train"),
                  "train");
  expect_relative(restricted_loss(c.spectrum, keys, c.test).loss, golden("restricted_test"),
                  "test");
  const LossAndAccuracy two = excluded_loss_2d(c.outputs.logits, c.spectrum, keys, c.train);
  expect_relative(two.loss, golden("excluded_full_train"), "excluded, 2D");
  expect_relative(two.accuracy, golden("excluded_full_acc_train"), "its accuracy");
  const LossAndAccuracy three = excluded_loss_3d(c.outputs.logits, c.spectrum, keys, c.train);
  expect_relative(three.loss, golden("excluded3D_full_train"), "excluded, 3D");
}

TEST_F(GoldenMetrics, excluded_loss_per_frequency) {
  const Case& c = *load();
  ThreadPool pool(2);
  const auto got = excluded_losses_per_frequency(c.outputs.logits, c.spectrum, c.train, pool);
  for (const int k : keys) {
    const auto i = static_cast<std::size_t>(k - 1);
    const std::vector<int> key{k};
    expect_relative(got.loss_2d[i], c.golden.at("excluded_per_freq_train").at(std::to_string(k)),
                    "2D");
    const double three = excluded_loss_3d(c.outputs.logits, c.spectrum, key, c.train).loss;
    EXPECT_NEAR(got.loss_3d[i] / three, 1, 1e-9);
  }
}

TEST_F(GoldenMetrics, trig_fit) {
  const Case& c = *load();
  const auto v = cos_coefficients(c.spectrum);
  for (const int k : keys)
    expect_relative(v[static_cast<std::size_t>(k - 1)],
                    c.golden.at("cos_coeffs_abc").at(std::to_string(k)), "coefficient");
  const TrigFit fit = trig_fit(c.spectrum, keys);
  expect_relative(fit.explained, golden("logit_FVE_by_cos_abc"), "explained");
  expect_relative(fit.loss, golden("loss_of_cos_abc_fit_all"), "loss of the fit");
}

}  // namespace
}  // namespace grok
