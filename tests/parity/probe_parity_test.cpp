// The probes, by the way that users take (float32 network, all probes at once), against the golden
// values of the published network that was trained at weight decay 0.1: relative 1e-5, counts
// exactly. And the published initial weights, drawn again from their seeds.

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <optional>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "grok/models/weight_layout.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"
#include "grok/spec/train_schema.h"
#include "grok/store/safetensors.h"
#include "grok/train/trainer.h"
#include "tests/support/reference_data.h"

namespace grok {
namespace {

const std::vector<int> keys{6, 23, 37, 39, 41};

Params task_params(std::int64_t split_seed) {
  Params params =
      checked_params(tasks::modular_addition().schema(),
                     {{"split_seed", split_seed}, {"split_rng", std::string("python")}}, {});
  params.set("name", std::string("modular_addition"));
  return params;
}

Params model_params(std::int64_t init_seed) {
  Params params =
      checked_params(models::transformer().schema(),
                     {{"init_seed", init_seed}, {"init_rng", std::string("torch")}}, {});
  params.set("name", std::string("transformer"));
  return params;
}

// A published file, brought to our layout.
Weights published(const std::filesystem::path& path, const TaskData& task, const Params& model) {
  const auto infos = models::of(model).weights(model, model_sizes(task));
  return to_transformer_lens(read_safetensors(path).tensors, infos, std::nullopt, path.string());
}

struct Case {
  nlohmann::json golden;
  std::vector<int> keys;
  Measurements any, with_keys;
};

// Made once.
const Case* load() {
  static const std::optional<Case> loaded = []() -> std::optional<Case> {
    const auto golden = reference_file("golden.json");
    const auto file = reference_file("weights/wd_10-1_mod_addition_loss_curve.safetensors");
    if (!golden || !file) return std::nullopt;
    const TaskData task = tasks::data_of(task_params(1));
    const Params model = model_params(1);
    const Weights weights = published(*file, task, model);
    ThreadPool pool(2);
    ProbeSet set(model, task, {}, pool);
    Case out;
    out.golden = nlohmann::json::parse(std::ifstream(*golden))["wd_10-1_mod_addition"];
    out.keys = set.key_frequencies(weights);
    out.any = set.measure(weights);
    out.with_keys = set.measure_with_keys(weights, out.keys);
    return out;
  }();
  return loaded ? &*loaded : nullptr;
}

void expect_relative(double got, double want, const std::string& what) {
  EXPECT_NEAR(got / want, 1, 1e-5) << what << ": " << got << ", golden " << want;
}

double median(std::vector<double> x) {
  std::ranges::sort(x);
  return x.size() % 2 == 1 ? x[x.size() / 2] : 0.5 * (x[x.size() / 2 - 1] + x[x.size() / 2]);
}

class ProbeParity : public testing::Test {
 protected:
  void SetUp() override {
    if (load() == nullptr) GTEST_SKIP() << "no reference files";
  }
  static const nlohmann::json& golden(const std::string& key) { return load()->golden.at(key); }

  static double metric(const std::string& name) {
    for (const Measurements* m : {&load()->any, &load()->with_keys})
      if (const double* value = m->metric(name)) return *value;
    ADD_FAILURE() << "not measured: " << name;
    return 0;
  }
  static Doubles array(const std::string& name) {
    const DoubleTensor* found = load()->any.array(name);
    if (!found) ADD_FAILURE() << "not measured: " << name;
    return found ? found->span() : Doubles();
  }
  static double of_frequency(const std::string& name, int k) {
    return array(name)[static_cast<std::size_t>(k - 1)];
  }
  static void expect_metric(const std::string& name, const nlohmann::json& want) {
    expect_relative(metric(name), want, name);
  }
  static std::vector<int> list(const std::string& name) {
    const Doubles values = array(name);
    return {values.begin(), values.end()};
  }
};

TEST_F(ProbeParity, losses_and_accuracy) {
  expect_metric("all_loss", golden("loss_all_114way"));
  expect_metric("train_loss", golden("split_match").at("train_loss"));
  expect_metric("test_loss", golden("split_match").at("test_loss"));
  EXPECT_EQ(metric("all_accuracy"), golden("acc_all"));
}

TEST_F(ProbeParity, weight_norms) {
  double total = 0;
  for (const auto& [name, want] : golden("sum_sq_weights").items()) {
    expect_metric("sum_squared_weights." + name, want);
    total += want.get<double>();
  }
  expect_metric("sum_squared_weights", total);
}

TEST_F(ProbeParity, spectra_and_their_inequality) {
  expect_metric("gini.W_E", golden("gini_WE_113comp"));
  expect_metric("gini.W_E.frequencies", golden("gini_WE_56freq"));
  expect_metric("gini.W_L", golden("gini_WL_113comp"));
  expect_metric("gini.W_L.frequencies", golden("gini_WL_56freq"));
  const auto compare = [&](const char* name, const char* top, const char* middle) {
    for (const auto& [k, norm] : golden(top).get<std::vector<std::pair<int, double>>>())
      expect_relative(of_frequency(name, k), norm, name);
    const Doubles norms = array(name);
    expect_relative(median({norms.begin(), norms.end()}), golden(middle), middle);
  };
  compare("embedding_spectrum", "WE_top_freqs", "WE_median_norm");
  compare("neuron_logit_spectrum", "WL_top_freqs", "WL_median_norm");
}

TEST_F(ProbeParity, neuron_clusters) {
  const Doubles frequency = array("neuron_frequency"), explained = array("neuron_explained");
  ASSERT_EQ(frequency.size(), 512u);
  std::map<std::string, int> clusters;
  double sum = 0;
  for (std::size_t i = 0; i < 512; ++i) {
    if (explained[i] >= 0.85) ++clusters[std::to_string(static_cast<int>(frequency[i]))];
    sum += explained[i];
  }
  EXPECT_EQ(clusters, (golden("neuron_clusters_FVE>=0.85").get<std::map<std::string, int>>()));
  EXPECT_EQ(std::lround(512 * (1 - metric("neurons_explained"))), golden("neurons_unexplained"));
  EXPECT_EQ(std::ranges::count(frequency, 0.0), golden("dead_neurons"));
  expect_relative(sum / 512, golden("neuron_FVE_mean"), "mean share");
  expect_relative(median({explained.begin(), explained.end()}), golden("neuron_FVE_median"),
                  "median share");
}

TEST_F(ProbeParity, key_frequencies) {
  EXPECT_EQ(golden("key_freqs").get<std::vector<int>>(), keys);
  EXPECT_EQ(load()->keys, keys);
  EXPECT_EQ(list("key_frequencies.embedding"), keys);
  EXPECT_EQ(list("key_frequencies.neuron_logit"), keys);
  EXPECT_EQ(list("key_frequencies.neurons"), keys);
}

TEST_F(ProbeParity, restricted_and_excluded_loss) {
  expect_metric("restricted_loss", golden("restricted_all"));
  expect_metric("restricted_train_loss", golden("restricted_train"));
  expect_metric("restricted_test_loss", golden("restricted_test"));
  EXPECT_EQ(metric("restricted_accuracy"), golden("restricted_acc"));
  expect_metric("excluded_loss", golden("excluded_full_train"));
  EXPECT_EQ(metric("excluded_accuracy"), golden("excluded_full_acc_train"));
  expect_metric("excluded_loss_3d_full", golden("excluded3D_full_train"));
  for (const auto& [k, want] : golden("excluded_per_freq_train").items())
    expect_relative(of_frequency("excluded_loss_2d", std::stoi(k)), want, "without " + k);
}

TEST_F(ProbeParity, trig_fit) {
  for (const auto& [k, want] : golden("cos_coeffs_abc").items())
    expect_relative(of_frequency("cos_coefficients", std::stoi(k)), want, "cos coefficient " + k);
  expect_metric("trig_fit_explained", golden("logit_FVE_by_cos_abc"));
  expect_metric("trig_fit_loss", golden("loss_of_cos_abc_fit_all"));
}

class InitialWeights : public testing::TestWithParam<int> {};

TEST_P(InitialWeights, are_the_published_ones) {
  const int seed = GetParam();
  const auto file =
      reference_file("inits/modadd_d128_init_seed" + std::to_string(seed) + ".safetensors");
  if (!file) GTEST_SKIP() << "no reference files";
  const TaskData task = tasks::data_of(task_params(seed));
  const Params model = model_params(seed);
  const Weights want = published(*file, task, model);
  const Weights got = models::of(model).init(model, model_sizes(task));
  ASSERT_EQ(got.size(), want.size());
  for (const auto& [name, tensor] : want) {
    float worst = 0;
    for (std::size_t i = 0; i < tensor.data.size(); ++i)
      worst = std::max(worst, std::fabs(got.at(name).data[i] - tensor.data[i]));
    EXPECT_LE(worst, 1e-6f) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(seeds, InitialWeights, testing::Values(0, 1));

// The first line of the paper's main run: initial weights of seed 0 on the split of seed 0.
TEST(PaperRun, starts_at_the_losses_of_the_paper) {
  const TaskData task = tasks::data_of(task_params(0));
  const Params model = model_params(0);
  ThreadPool pool(2);
  const std::vector<std::string> names{"loss_and_accuracy", "weight_norms"};
  ProbeSet set(model, task, names, pool);
  const Measurements got = set.measure(models::of(model).init(model, model_sizes(task)));
  EXPECT_NEAR(*got.metric("train_loss"), 4.76405, 5e-6);
  EXPECT_NEAR(*got.metric("test_loss"), 4.76835, 5e-6);
  EXPECT_NEAR(*got.metric("sum_squared_weights"), 1781, 3);  // digitised
}

TEST(PaperRun, trains_on_the_loss_that_the_probe_measures) {
  const TaskData task = tasks::data_of(task_params(0));
  RunSpec spec;
  spec.train = checked_params(train_schema(), {{"steps", std::int64_t{4}}});
  spec.model = model_params(0);
  spec.loss = {{"name", std::string("cross_entropy")}, {"precision", std::string("float64")}};
  spec.optim = checked_params(optim::adamw().schema(), {}, {});
  spec.optim.set("name", std::string("adamw"));
  ThreadPool pool(2);
  Trainer trainer(spec, task, pool);
  const std::vector<std::string> names{"loss_and_accuracy"};
  ProbeSet set(spec.model, task, names, pool);
  for (int step = 0; step < 4; ++step) {
    const double measured = *set.measure(trainer.weights()).metric("train_loss");
    // The probe's program keeps its hook points, so it is folded otherwise: float32 rounding
    // differs.
    EXPECT_NEAR(measured / trainer.step(), 1, 1e-8) << step;
  }
}

}  // namespace
}  // namespace grok
