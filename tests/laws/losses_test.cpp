// Laws that every loss of grok/losses/catalog.def obeys, for every word of its schema: to be listed
// is to be tested. Below them known answers of single losses.

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "grok/losses/loss.h"
#include "grok/ops/catalog.h"
#include "grok/plan/gradient.h"
#include "grok/plan/pass.h"
#include "grok/plan/program.h"
#include "grok/train/trainer.h"
#include "tests/laws/op_check.h"
#include "tests/support/small_spec.h"

namespace grok {
namespace {

constexpr std::int64_t n_rows = 37, n_classes = 13;

TokenTensor some_labels() {
  TokenTensor labels(Shape{n_rows});
  for (std::size_t i = 0; i < labels.data.size(); ++i)
    labels.data[i] = static_cast<Token>(i * 5 % n_classes);
  return labels;
}

/// The defaults, and for every field that takes words the defaults with each of them.
std::vector<Params> all_variants(const LossDef& def) {
  std::vector<Params> out{checked_params(def.schema(), {})};
  for (const Field& field : def.schema().fields)
    for (const std::string& word : field.words)
      out.push_back(checked_params(def.schema(), {{field.name, word}}));
  for (Params& params : out) params.set("name", std::string(def.name));
  return out;
}

template <class F>
void for_all_variants(const LossDef& def, F&& f) {
  for (const Params& params : all_variants(def)) {
    std::string trace;
    for (const auto& [key, value] : params) trace += " " + key + "=" + json_text(value);
    SCOPED_TRACE(trace);
    f(params);
  }
}

template <class F>
void for_all_losses(F&& f) {
  for (const LossDef* def : losses::catalog()) for_all_variants(*def, f);
}

/// Loss and gradient of logits, compiled by all passes or by those named.
struct LossAndGradient {
  double loss = 0;
  std::vector<float> gradient;
  int n_ops = 0;
};

LossAndGradient evaluate_loss(const Params& params, ConstFloats logits,
                              std::span<const std::string> passes = {},
                              const Constant& answers = some_labels()) {
  Graph g;
  const NodeId x = g.weight("x", {n_rows, n_classes});
  g.output("loss", losses::add_loss(g, params, x, g.constant(answers)));
  add_weight_gradients(g, g.find_output("loss"));
  Program program(optimize(g, passes), 1);
  program.bind("x", logits);
  ThreadPool pool(1);
  program.run(pool);
  const ConstFloats gradient = program.floats("grad.x");
  return {program.real("loss"), {gradient.begin(), gradient.end()}, cost_of(program.graph()).n_ops};
}

std::vector<float> random_logits() {
  const OpExample example{{{{n_rows, n_classes}}}, {}, 0};
  const DoubleTensor x = random_inputs(example, 5).reals.at("x0");
  std::vector<float> out;
  for (const double v : x.data) out.push_back(static_cast<float>(6 * v));
  return out;
}

double dot(ConstFloats a, ConstFloats b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

TEST(CrossEntropy, is_the_logarithm_of_the_number_of_classes_where_logits_are_equal) {
  for_all_variants(losses::cross_entropy(), [](const Params& params) {
    const std::vector<float> equal(n_rows * n_classes, 2.5f);
    EXPECT_NEAR(evaluate_loss(params, equal).loss, std::log(13.0), 1e-6);
  });
}

TEST(CrossEntropy, has_gradients_that_sum_to_zero_over_the_classes) {
  for_all_variants(losses::cross_entropy(), [](const Params& params) {
    const std::vector<float> gradient = evaluate_loss(params, random_logits()).gradient;
    for (std::size_t row = 0; row < n_rows; ++row) {
      double sum = 0, size = 0;
      for (std::size_t j = row * n_classes; j < (row + 1) * n_classes; ++j) {
        sum += static_cast<double>(gradient[j]);
        size += std::abs(static_cast<double>(gradient[j]));
      }
      EXPECT_GT(size, 1e-6);
      EXPECT_LT(std::abs(sum), 1e-6 * size);
    }
  });
}

TEST(Losses, fall_along_their_gradient_as_fast_as_it_says) {
  for_all_losses([](const Params& params) {
    const std::vector<float> x = random_logits();
    const LossAndGradient before = evaluate_loss(params, x);
    const float step = 0.2f;
    std::vector<float> there(x);
    for (std::size_t i = 0; i < x.size(); ++i) there[i] -= step * before.gradient[i];
    std::vector<float> moved(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) moved[i] = there[i] - x[i];
    const double promised = dot(moved, before.gradient);
    EXPECT_LT(promised, 0);
    EXPECT_NEAR((evaluate_loss(params, there).loss - before.loss) / promised, 1, 0.02);
  });
}

TEST(CrossEntropy, shares_its_exponentials_without_a_change_of_a_bit) {
  for_all_variants(losses::cross_entropy(), [](const Params& params) {
    const std::vector<float> x = random_logits();
    const std::vector<std::string> without{"constant_folding", "dead_nodes"};
    const std::vector<std::string> with{"constant_folding", "dead_nodes", "shared_exponentials"};
    const LossAndGradient alone = evaluate_loss(params, x, without);
    const LossAndGradient shared = evaluate_loss(params, x, with);
    EXPECT_EQ(shared.n_ops, alone.n_ops + 1);
    EXPECT_EQ(shared.loss, alone.loss);
    EXPECT_EQ(shared.gradient, alone.gradient);
  });
}

Params squared_error(const char* target = "one_hot") {
  return {{"name", std::string("squared_error")}, {"target", std::string(target)}};
}

// Where all outputs are 2.5, of 13 the label's is off by 1.5 and twelve by 2.5.
TEST(SquaredError, is_the_mean_over_rows_and_columns) {
  const std::vector<float> equal(n_rows * n_classes, 2.5f);
  const LossAndGradient found = evaluate_loss(squared_error(), equal);
  EXPECT_NEAR(found.loss, (1.5 * 1.5 + 12 * 2.5 * 2.5) / 13, 1e-14);
  const TokenTensor labels = some_labels();
  for (std::size_t i = 0; i < found.gradient.size(); ++i) {
    const bool is_label = labels.data[i / n_classes] == static_cast<Token>(i % n_classes);
    EXPECT_NEAR(found.gradient[i], 2 * (is_label ? 1.5 : 2.5) / (n_rows * n_classes), 1e-9);
  }
}

TEST(SquaredError, takes_targets_in_place_of_labels) {
  const std::vector<float> x = random_logits();
  Tensor targets(Shape{n_rows, n_classes});
  const TokenTensor labels = some_labels();
  for (std::size_t row = 0; row < n_rows; ++row)
    targets.data[row * n_classes + static_cast<std::size_t>(labels.data[row])] = 1;
  const LossAndGradient of_labels = evaluate_loss(squared_error(), x);
  const LossAndGradient of_targets = evaluate_loss(squared_error(), x, {}, targets);
  EXPECT_EQ(of_targets.loss, of_labels.loss);
  EXPECT_EQ(of_targets.gradient, of_labels.gradient);
  const LossAndGradient at_targets = evaluate_loss(squared_error(), targets.span(), {}, targets);
  EXPECT_EQ(at_targets.loss, 0);
  EXPECT_EQ(at_targets.gradient, std::vector<float>(n_rows * n_classes));
}

// Zeros are off by the targets themselves: of n, one is 1 - 1/n and n - 1 are -1/n.
TEST(SquaredError, of_centred_targets_at_zero_is_their_own_square) {
  const std::vector<float> zeros(n_rows * n_classes);
  const LossAndGradient found = evaluate_loss(squared_error("centred"), zeros);
  EXPECT_NEAR(found.loss, 12.0 / 169, 1e-15);
  double sum = 0;
  for (const float g : found.gradient) sum += static_cast<double>(g);
  EXPECT_NEAR(sum, 0, 1e-7);  // of 481 numbers, each rounded to float32
}

// Numbers that a task wants predicted are no labels: their mean stays.
TEST(SquaredError, centres_labels_only) {
  const std::vector<float> x = random_logits();
  const Tensor targets(Shape{n_rows, n_classes}, random_logits());
  EXPECT_EQ(evaluate_loss(squared_error("centred"), x, {}, targets).loss,
            evaluate_loss(squared_error("one_hot"), x, {}, targets).loss);
}

Params with_defaults(const LossDef& def, const Params& given = {}) {
  Params out = checked_params(def.schema(), given);
  out.set("name", std::string(def.name));
  return out;
}

TEST(StableMax, is_the_logarithm_of_the_number_of_classes_where_logits_are_equal) {
  for (const float logit : {-7.0f, 0.0f, 2.5f})
    for_all_variants(losses::stablemax(), [&](const Params& params) {
      const std::vector<float> equal(n_rows * n_classes, logit);
      EXPECT_NEAR(evaluate_loss(params, equal).loss, std::log(13.0), 1e-6);
    });
}

TEST(LabelSmoothing, is_cross_entropy_where_nothing_is_spread) {
  const std::vector<float> x = random_logits();
  const LossAndGradient sharp = evaluate_loss(with_defaults(losses::cross_entropy()), x);
  const LossAndGradient smooth =
      evaluate_loss(with_defaults(losses::label_smoothing(), {{"smoothing", 0.0}}), x);
  EXPECT_EQ(smooth.loss, sharp.loss);
  EXPECT_EQ(smooth.gradient, sharp.gradient);
}

// Where the network says exactly what the smoothed labels say, the loss is their entropy and at
// rest.
TEST(LabelSmoothing, is_least_where_the_shares_are_those_of_the_labels) {
  const double e = 0.3, other = e / 13, own = 1 - e + e / 13;
  std::vector<float> x(n_rows * n_classes);
  const TokenTensor labels = some_labels();
  for (std::size_t row = 0; row < n_rows; ++row)
    x[row * n_classes + static_cast<std::size_t>(labels.data[row])] =
        static_cast<float>(std::log(own / other));
  const LossAndGradient found =
      evaluate_loss(with_defaults(losses::label_smoothing(), {{"smoothing", e}}), x);
  EXPECT_NEAR(found.loss, -own * std::log(own) - 12 * other * std::log(other), 1e-9);
  for (const float g : found.gradient) EXPECT_NEAR(g, 0, 2e-9);
}

TEST(Hinge, is_the_margin_where_logits_are_equal) {
  const std::vector<float> equal(n_rows * n_classes, 2.5f);
  const Params nearest = with_defaults(losses::hinge(), {{"margin", 1.5}});
  const Params all =
      with_defaults(losses::hinge(), {{"margin", 1.5}, {"rivals", std::string("all")}});
  EXPECT_NEAR(evaluate_loss(nearest, equal).loss, 1.5, 1e-12);
  EXPECT_NEAR(evaluate_loss(all, equal).loss, 1.5 * 12 / 13, 1e-12);
}

/// Logits of which each label's stands 20 above the others, so that a share of 2e-9 is left to
/// each.
std::vector<float> sure_logits() {
  std::vector<float> x(n_rows * n_classes);
  const TokenTensor labels = some_labels();
  for (std::size_t row = 0; row < n_rows; ++row)
    x[row * n_classes + static_cast<std::size_t>(labels.data[row])] = 20;
  return x;
}

// Softmax collapse (Prieto et al. 2025): in plain float32 the others are absorbed in the sum, the
// loss is exactly 0 and so is the gradient that would raise the label. No other loss does that.
TEST(CrossEntropy, collapses_in_plain_float32_alone) {
  const std::vector<float> x = sure_logits();
  const auto at_labels = [](const LossAndGradient& found) {
    double sum = 0;
    const TokenTensor labels = some_labels();
    for (std::size_t row = 0; row < n_rows; ++row)
      sum += static_cast<double>(
          found.gradient[row * n_classes + static_cast<std::size_t>(labels.data[row])]);
    return sum;
  };
  const double share = 12 * std::exp(-20.0);
  for_all_variants(losses::cross_entropy(), [&](const Params& params) {
    const LossAndGradient found = evaluate_loss(params, x);
    const bool is_plain = params.text("precision") == "float32_plain";
    EXPECT_NEAR(found.loss / share, is_plain ? 0 : 1, 1e-5);
    EXPECT_NEAR(at_labels(found) / -share, is_plain ? 0 : 1, 1e-5);
    if (is_plain) {
      EXPECT_EQ(found.loss, 0);
    }
  });
  for_all_variants(losses::stablemax(), [&](const Params& params) {
    EXPECT_LT(at_labels(evaluate_loss(params, x)), -1e-3);
  });
}

double loss_after(int steps, const char* precision) {
  RunSpec spec = small_spec(23, {{"d_model", std::int64_t{32}}, {"d_mlp", std::int64_t{64}}});
  spec.loss.set("precision", std::string(precision));
  // Slowly, so that rounding is what is compared: at 1e-3 a change of 1e-6 in one weight moves the
  // loss of step 300 by 1e-3 (ReLUs that switch), and so does a change of precision.
  spec.optim.set("lr", 1e-4);
  const TaskData task = tasks::data_of(spec.task);
  ThreadPool pool(1);
  Trainer trainer(spec, task, pool);
  double loss = 0;
  for (int i = 0; i < steps; ++i) loss = trainer.step();
  return loss;
}

TEST(CrossEntropy, in_compensated_float32_stays_close_to_float64) {
  const double exact = loss_after(300, "float64");
  EXPECT_LT(exact, loss_after(1, "float64") - 0.05);
  const double compensated = loss_after(300, "float32");
  EXPECT_NE(compensated, exact);
  EXPECT_NEAR(compensated / exact, 1, 2e-5);
}

}  // namespace
}  // namespace grok
