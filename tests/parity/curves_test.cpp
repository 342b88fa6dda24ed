// The first steps of published runs, repeated from the originals' own weights and examples: our
// losses against their curves, step by step.

#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "grok/lab/spec_schema.h"
#include "grok/spec/parse_spec.h"
#include "grok/train/trainer.h"
#include "tests/support/reference_curve.h"

namespace grok {
namespace {

RunSpec preset(const std::string& name) {
  const std::vector<std::string> folders{GROKSCOPE_SPECS_DIR};
  return load_spec(name, folders, {}, spec_schema());
}

struct StepLoss {
  double loss = 0;
  std::vector<double> answers;  // mean over the examples, answer by answer
};

std::vector<StepLoss> first_steps(const RunSpec& spec, std::int64_t n_steps) {
  const TaskData task = tasks::data_of(spec.task);
  ThreadPool pool(2);
  Trainer trainer(spec, task, pool);
  std::vector<StepLoss> out;
  for (std::int64_t i = 0; i < n_steps; ++i) {
    StepLoss step{.loss = trainer.evaluate(), .answers = std::vector<double>(trainer.n_answers())};
    const Doubles losses = trainer.answer_losses();
    for (std::size_t j = 0; j < losses.size(); ++j)
      step.answers[j % trainer.n_answers()] +=
          losses[j] * static_cast<double>(trainer.n_answers()) / static_cast<double>(losses.size());
    trainer.step();
    out.push_back(std::move(step));
  }
  return out;
}

// Every recorded step below `n_steps` agrees to a relative tolerance.
template <class F>
void expect_curve(const ReferenceCurve& curve, std::int64_t n_steps, double tolerance, F&& ours) {
  int n_compared = 0;
  for (std::size_t i = 0; i < curve.steps.size() && curve.steps[i] < n_steps; ++i) {
    EXPECT_NEAR(ours(static_cast<std::size_t>(curve.steps[i])) / curve.values[i], 1, tolerance)
        << "step " << curve.steps[i];
    ++n_compared;
  }
  EXPECT_GT(n_compared, 10);
}

TEST(Curves, skip_trigrams_follow_the_original_for_200_steps) {
  const auto curve = reference_curve("skip_trigram_infinite", "train_loss");
  if (!curve) GTEST_SKIP() << "no reference data";
  const auto ours = first_steps(preset("skip-trigram-infinite"), 200);
  expect_curve(*curve, 200, 1e-3, [&](std::size_t step) { return ours[step].loss; });
}

// The original divides by 84 of its 85 positions.
TEST(Curves, induction_follows_the_original_for_60_steps) {
  const auto curve = reference_curve("induction_head_infinite", "train_losses");
  if (!curve) GTEST_SKIP() << "no reference data";
  const auto ours = first_steps(preset("induction-infinite"), 60);
  expect_curve(*curve, 60, 1e-4, [&](std::size_t step) { return ours[step].loss * 85 / 84; });
}

TEST(Curves, each_digit_of_addition_follows_the_original_for_20_steps) {
  const auto whole = reference_curve("5_digit_addition_infinite_train", "train_loss");
  if (!whole) GTEST_SKIP() << "no reference data";
  const auto ours = first_steps(preset("addition-5digit-per-token"), 20);
  expect_curve(*whole, 20, 1e-3, [&](std::size_t step) { return ours[step].loss; });
  for (std::size_t digit = 0; digit < 6; ++digit) {
    const auto curve = reference_curve("5_digit_addition_infinite_per_token",
                                       "token_" + std::to_string(digit) + "_loss");
    expect_curve(curve.value(), 20, 2e-3,
                 [&](std::size_t step) { return ours[step].answers[digit]; });
  }
}

}  // namespace
}  // namespace grok
