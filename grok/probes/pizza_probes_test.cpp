// Probes that tell the clock from the pizza, and those of other groups than that of addition.

#include <cmath>
#include <numbers>
#include <set>

#include <gtest/gtest.h>

#include "grok/analysis/primitive_root.h"
#include "grok/probes/capture_examples.h"
#include "grok/probes/testing.h"
#include "grok/tasks/group.h"

namespace grok {
namespace {

constexpr int p = 11;

TaskData task_of(const TaskDef& def, Params given) {
  Params params = checked_params(def.schema(), given, {{"seed", std::int64_t{1}}});
  params.set("name", std::string(def.name));
  return tasks::data_of(params);
}

TaskData arithmetic(const char* operation, const char* layout = "nanda", bool separate = false) {
  return task_of(tasks::modular_arithmetic(), {{"operation", std::string(operation)},
                                               {"p", std::int64_t{p}},
                                               {"layout", std::string(layout)},
                                               {"separate_operands", separate}});
}

Measurements measured(const char* probe, const TaskData& task, const Params& model,
                      const Weights& weights) {
  ThreadPool pool(2);
  const std::vector<std::string> names{probe};
  return ProbeSet(model, task, names, pool).measure(weights);
}

TEST(GradientTriples, are_pythons_shuffle_of_all) {
  const std::vector<Triple> got = gradient_triples(3);
  EXPECT_EQ(got.size(), 27u);
  EXPECT_EQ(std::set<Triple>(got.begin(), got.end()).size(), 27u);
  // python3 -c 'import random; x=[(a,b,c) for a in range(3) for b in range(3) for c in range(3)];
  //             random.Random(42).shuffle(x); print(x[:2])'
  EXPECT_EQ(got[0], (Triple{1, 2, 1}));
  EXPECT_EQ(got[1], (Triple{1, 1, 0}));
  EXPECT_EQ(gradient_triples(59).size(), 100u);
  for (const auto& [a, b, c] : gradient_triples(997)) {
    EXPECT_TRUE(a >= 0 && a < 997 && b >= 0 && b < 997 && c >= 0 && c < 997);
  }
}

// The embedding of a token that stands nowhere else moves only the operand itself: so the gradient
// is what a small step of that row makes of the logit.
TEST(LogitGradient, is_what_a_small_step_of_the_embedding_makes) {
  const TaskData task = arithmetic("addition", "nanda", true);
  Params model = small_model(2, 8, 16);
  model.set("act", std::string("gelu"));
  const Weights weights = small_weights(task, model);
  ThreadPool pool(2);
  const std::vector<HookRequest> requests{{"hook_embed", Where::logit_gradient}, {"logits"}};
  Captures captures(model, task, requests, pool);
  captures.run(weights);
  ASSERT_EQ(captures.shape("hook_embed", Where::logit_gradient), (Shape{100, 3, 8}));
  const ConstFloats found = captures.at("hook_embed", Where::logit_gradient);
  const std::vector<float> gradient(found.begin(), found.end());
  const auto triples = gradient_triples(p);
  const auto logit = [&](const Triple& t, int operand, int axis, float by) {
    Weights moved = weights;
    const int row = operand == 0 ? t[0] : p + t[1];
    moved.at("embed.W_E").data[static_cast<std::size_t>(row * 8 + axis)] += by;
    captures.run(moved);
    const auto at = static_cast<std::size_t>((t[0] * p + t[1]) * task.d_vocab_out + t[2]);
    return static_cast<double>(captures.at("logits")[at]);
  };
  for (const std::size_t i : {0u, 7u, 99u})
    for (const int operand : {0, 1})
      for (const int axis : {0, 5}) {
        const double up = logit(triples[i], operand, axis, 0.01f);
        const double down = logit(triples[i], operand, axis, -0.01f);
        const std::size_t at =
            (i * 3 + static_cast<std::size_t>(operand)) * 8 + static_cast<std::size_t>(axis);
        EXPECT_NEAR(static_cast<double>(gradient[at]), (up - down) / 0.02, 2e-3) << i;
      }
}

// Attention that only adds up what it reads, and an MLP that sees nothing else: the operands count
// alike. Where the head reads one of them turned, they do not.
TEST(GradientSymmetricity, is_one_where_only_the_sum_counts) {
  const TaskData task = arithmetic("addition", "nanda");
  Params model = small_model(1, 16, 24);
  model.set("attention_rate", 0.0);
  Weights weights = small_weights(task, model);
  const Measurements alike = measured("gradient_symmetricity", task, model, weights);
  EXPECT_NEAR(*alike.metric("gradient_symmetricity"), 1, 1e-6);
  // Softmax weighs a and b by what they are, so the gradients part.
  model.set("attention_rate", 1.0);
  const Measurements apart = measured("gradient_symmetricity", task, model, weights);
  EXPECT_LT(*apart.metric("gradient_symmetricity"), 0.99999);
  // In the pizza's layout the last position is b's own: it goes the direct way too.
  model.set("attention_rate", 0.0);
  const TaskData pairs = arithmetic("addition", "pizza");
  const Measurements direct =
      measured("gradient_symmetricity", pairs, model, small_weights(pairs, model));
  EXPECT_LT(*direct.metric("gradient_symmetricity"), 0.99);
}

TEST(Circularity, is_of_the_numbers_alone) {
  const TaskData task = small_task(p);
  const Params model = small_model();
  Weights weights = small_weights(task, model);
  const auto d = static_cast<int>(weights.at("embed.W_E").shape[1]);
  for (int token = 0; token <= p; ++token)
    for (int i = 0; i < d; ++i) {
      const int k = i < 2 ? 2 : 5;
      const double x = 2 * std::numbers::pi * k * token / p;
      const double wave = i % 2 == 0 ? std::cos(x) : std::sin(x);
      weights.at("embed.W_E").data[static_cast<std::size_t>(token * d + i)] =
          static_cast<float>(token == p ? 100
                             : i < 4    ? wave * (i < 2 ? 2 : 1)
                                        : 0.5);
    }
  EXPECT_NEAR(*measured("circularity", task, model, weights).metric("circularity"), 1, 1e-6);
}

TEST(DistanceIrrelevance, lies_between_nothing_and_all) {
  const TaskData task = small_task(p);
  const Params model = small_model();
  const Measurements got =
      measured("distance_irrelevance", task, model, small_weights(task, model));
  for (const char* name : {"distance_irrelevance", "distance_irrelevance_wrong"}) {
    EXPECT_GT(*got.metric(name), 0.1);
    EXPECT_LT(*got.metric(name), 1);
  }
}

// An embedding that is one wave of the discrete logarithm.
TEST(MultiplicativeSpectrum, has_the_frequency_of_the_logarithm) {
  const std::vector<int> powers = powers_of_primitive_root(p);
  for (const char* layout : {"nanda", "openai"})
    for (const char* operation : {"multiplication", "division"}) {
      const TaskData task = arithmetic(operation, layout);
      const Params model = small_model();
      Weights weights = small_weights(task, model);
      Tensor& W_E = weights.at("embed.W_E");
      Tensor& W_U = weights.at("unembed.W_U");
      ASSERT_TRUE(task.group);
      for (std::size_t j = 0; j < powers.size(); ++j) {
        const int token = task.group->first + powers[j];
        const double x = 2 * std::numbers::pi * 3 * static_cast<double>(j) / (p - 1);
        for (std::int64_t i = 0; i < W_E.shape[1]; ++i) {
          W_E.data[static_cast<std::size_t>(token * W_E.shape[1] + i)] =
              static_cast<float>(i == 0   ? std::cos(x)
                                 : i == 1 ? std::sin(x)
                                          : 7);
          W_U.data[static_cast<std::size_t>(i * W_U.shape[1] + token)] = j % 2 == 0 ? 1 : -1;
        }
      }
      const Measurements got = measured("multiplicative_spectrum", task, model, weights);
      const DoubleTensor& embedding = *got.array("multiplicative_spectrum");
      const DoubleTensor& unembedding = *got.array("multiplicative_spectrum.W_U");
      ASSERT_EQ(embedding.shape, (Shape{(p - 1) / 2}));
      for (std::size_t k = 1; k <= (p - 1) / 2; ++k) {
        EXPECT_NEAR(embedding.data[k - 1], k == 3 ? std::sqrt(p - 1) : 0, 1e-5) << layout << k;
        EXPECT_NEAR(unembedding.data[k - 1], k == 5 ? std::sqrt(16 * (p - 1)) : 0, 1e-5) << k;
      }
    }
}

TEST(MultiplicativeSpectrum, needs_a_prime_and_a_product) {
  const Params model = small_model();
  const ProbeDef& probe = probes::multiplicative_spectrum();
  EXPECT_TRUE(probe.applies(arithmetic("multiplication"), model));
  EXPECT_FALSE(probe.applies(arithmetic("addition"), model));
  EXPECT_FALSE(probe.applies(
      task_of(tasks::modular_arithmetic(),
              {{"operation", std::string("multiplication")}, {"p", std::int64_t{15}}}),
      model));
}

TEST(IrrepSpectrum, sees_the_sign_and_where_a_thing_goes) {
  for (const char* layout : {"nanda", "openai"}) {
    const TaskData task = task_of(tasks::group_composition(),
                                  {{"n", std::int64_t{4}}, {"layout", std::string(layout)}});
    const Params model = small_model();
    Weights weights = small_weights(task, model);
    Tensor& W_E = weights.at("embed.W_E");
    Tensor& W_U = weights.at("unembed.W_U");
    const auto group = permutations_of(4);
    for (std::size_t g = 0; g < group.size(); ++g) {
      const auto token = static_cast<std::int64_t>(g) + task.group->first;
      int inversions = 0;
      for (std::size_t i = 0; i < 4; ++i)
        for (std::size_t j = i + 1; j < 4; ++j) inversions += group[g][i] > group[g][j];
      for (std::int64_t i = 0; i < W_E.shape[1]; ++i) {
        W_E.data[static_cast<std::size_t>(token * W_E.shape[1] + i)] = inversions % 2 == 0 ? 1 : -1;
        W_U.data[static_cast<std::size_t>(i * W_U.shape[1] + token)] =
            group[g][2] == i % 4 ? 0.75f : -0.25f;
      }
    }
    const Measurements got = measured("irrep_spectrum", task, model, weights);
    ASSERT_EQ(got.array("irrep_spectrum.W_E")->shape, (Shape{5}));
    for (std::size_t i = 0; i < 5; ++i) {
      EXPECT_NEAR(got.array("irrep_spectrum.W_E")->data[i], i == 4 ? 1 : 0, 1e-12) << layout;
      EXPECT_NEAR(got.array("irrep_spectrum.W_U")->data[i], i == 1 ? 1 : 0, 1e-12) << layout;
    }
  }
}

}  // namespace
}  // namespace grok
