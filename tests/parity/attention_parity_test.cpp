// Published networks other than those of modular addition with '=': the induction heads of Nanda et
// al. 2023 and model A of the clock and the pizza. What is published of them was computed by other
// people's code, or by NumPy from the published weights.

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "grok/models/weight_layout.h"
#include "grok/probes/capture_examples.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"
#include "grok/store/safetensors.h"
#include "tests/support/reference_data.h"
#include "tests/support/small_spec.h"

namespace grok {
namespace {

const Params seed{{"seed", std::int64_t{1}}};

struct Network {
  TaskData task;
  Params model;
  Weights weights;
};

Network network(const std::filesystem::path& file, const Params& task, const Params& model) {
  Network out{tasks::data_of(task), model, {}};
  const auto infos = models::of(model).weights(model, model_sizes(out.task));
  out.weights =
      to_transformer_lens(read_safetensors(file).tensors, infos, std::nullopt, file.string());
  return out;
}

Measurements measured(const Network& net, const std::vector<std::string>& names) {
  ThreadPool pool(2);
  return ProbeSet(net.model, net.task, names, pool).measure(net.weights);
}

// As specs/induction-infinite.toml, whose residual stream counts double.
Network induction(const std::filesystem::path& file, double residual_multiplier) {
  return network(file,
                 named("repeated_subsequence", tasks::repeated_subsequence().schema(), {}, seed),
                 named("transformer", models::transformer().schema(),
                       {{"n_layers", std::int64_t{2}},
                        {"d_model", std::int64_t{48}},
                        {"n_heads", std::int64_t{4}},
                        {"d_head", std::int64_t{12}},
                        {"attn_only", true},
                        {"residual_multiplier", residual_multiplier}},
                       seed));
}

class InductionHeads : public testing::Test {
 protected:
  void SetUp() override {
    file = reference_file("weights/induction_head_infinite.safetensors");
    if (!file) GTEST_SKIP() << "no reference files";
  }
  static void expect_layer_1(const Measurements& got, const std::vector<double>& published) {
    for (std::size_t h = 0; h < 4; ++h)
      EXPECT_NEAR(got.array("prefix_matching_score")->data[4 + h], published[h], 0.01) << h;
  }
  std::optional<std::filesystem::path> file;
};

// Published T6 has run the weights with an ordinary residual stream, x + attention, as its figures
// show; layer 0 is the same either way.
TEST_F(InductionHeads, have_the_published_scores) {
  const Measurements got = measured(induction(*file, 1), {"head_scores"});
  expect_layer_1(got, {0.036, 0.237, 0.243, 0.237});
  const DoubleTensor& previous = *got.array("previous_token_score");
  EXPECT_NEAR(previous.data[2], 0.289, 0.01);
  for (const std::size_t other : {0u, 1u, 3u}) EXPECT_LE(previous.data[other], 0.06);
}

// In the network as it was trained, 2 x + attention, the heads are surer. Ours, not published.
TEST_F(InductionHeads, are_surer_in_the_network_as_it_was_trained) {
  const Measurements got =
      measured(induction(*file, 2), {"head_scores", "circuits", "composition_scores"});
  expect_layer_1(got, {0.039, 0.305, 0.319, 0.305});
  // An induction head copies, and its keys are made by the previous-token head.
  for (std::size_t h = 1; h < 4; ++h) {
    EXPECT_GT(got.array("ov_copying_score")->data[4 + h], 0.5) << h;
    const DoubleTensor& keys = *got.array("k_composition");
    for (const std::size_t other : {0u, 1u, 3u})
      EXPECT_GT(keys.data[(4 + h) * 8 + 2], keys.data[(4 + h) * 8 + other]) << h;
  }
}

// FACTS 5: mean attention to the token behind its first occurrence in the task's own sequences, .64
// to .66 of the induction heads and .065 of head 0.
TEST_F(InductionHeads, find_the_first_copy_in_the_task_itself) {
  const Network net = induction(*file, 2);
  const std::string hook = "blocks.1.attn.hook_pattern";
  const std::vector<HookRequest> requests{{hook, Where::sample}};
  ThreadPool pool(2);
  Captures captures(net.model, net.task, requests, pool);
  captures.run(net.weights);
  const ConstFloats pattern = captures.at(hook, Where::sample);
  const auto rows = sample_rows(net.task);
  const auto n_ctx = static_cast<std::size_t>(net.task.n_ctx);
  constexpr std::size_t repeat = 16, n_first = 28;
  std::vector<double> sum(4);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = static_cast<std::size_t>(rows[i]);
    const Tokens tokens = net.task.tokens.span().subspan(row * n_ctx, n_ctx);
    // The first later copy, and the copy before it.
    const auto later = static_cast<std::size_t>(
        net.task.positions.data[row * static_cast<std::size_t>(net.task.n_answers)]);
    std::size_t first = 1;
    while (first <= n_first &&
           !std::equal(tokens.begin() + static_cast<std::ptrdiff_t>(first),
                       tokens.begin() + static_cast<std::ptrdiff_t>(first + repeat),
                       tokens.begin() + static_cast<std::ptrdiff_t>(later)))
      ++first;
    ASSERT_LE(first, n_first);
    for (std::size_t h = 0; h < 4; ++h)
      for (std::size_t j = 0; j + 1 < repeat; ++j)
        sum[h] += static_cast<double>(
                      pattern[((i * 4 + h) * n_ctx + later + j) * n_ctx + first + j + 1]) /
                  static_cast<double>(rows.size() * (repeat - 1));
  }
  EXPECT_NEAR(sum[0], 0.065, 0.01);
  for (std::size_t h = 1; h < 4; ++h) EXPECT_NEAR(sum[h], 0.65, 0.02) << h;
}

// As specs/pizza-A.toml.
TEST(PizzaModelA, has_the_published_measures) {
  const auto file = reference_file("weights/pizza_model_A.safetensors");
  if (!file) GTEST_SKIP() << "no reference files";
  const Params task = named("modular_arithmetic", tasks::modular_arithmetic().schema(),
                            {{"operation", std::string("addition")},
                             {"layout", std::string("pizza")},
                             {"p", std::int64_t{59}},
                             {"train_fraction", 0.8}},
                            seed);
  const Params model = named("transformer", models::transformer().schema(),
                             {{"causal", false}, {"attention_rate", 0.0}}, seed);
  const Measurements got = measured(network(*file, task, model),
                                    {"loss_and_accuracy", "weight_norms", "gradient_symmetricity",
                                     "distance_irrelevance", "circularity", "clock_and_pizza"});
  EXPECT_EQ(*got.metric("all_accuracy"), 1);
  EXPECT_NEAR(*got.metric("all_loss"), 1.38e-7, 1e-9);
  EXPECT_NEAR(std::sqrt(*got.metric("sum_squared_weights")), 22.8538, 1e-4);
  EXPECT_NEAR(*got.metric("gradient_symmetricity"), 0.993665, 1e-5);
  EXPECT_NEAR(*got.metric("distance_irrelevance"), 0.171736, 1e-6);
  EXPECT_NEAR(*got.metric("distance_irrelevance_wrong"), 0.2218, 1e-4);
  EXPECT_NEAR(*got.metric("circularity"), 0.997818, 1e-6);
  // Its circles #1 to #3. Shares of ours are a little larger than those that the authors' notebook
  // prints; what it divides by is not known to us.
  ASSERT_GE(got.array("circle_frequency")->shape[0], 3);
  const double frequency[] = {17, 3, 15}, clock[] = {0.7541, 0.7562, 0.7538},
               pizza[] = {0.9831, 0.9831, 0.9841};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(got.array("circle_frequency")->data[i], frequency[i]);
    EXPECT_NEAR(got.array("clock_share")->data[i], clock[i], 0.02);
    EXPECT_NEAR(got.array("pizza_share")->data[i], pizza[i], 0.01);
  }
}

}  // namespace
}  // namespace grok
