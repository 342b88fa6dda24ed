// The probe numerical_health on networks whose logits are known.

#include <cmath>

#include <gtest/gtest.h>

#include "grok/probes/testing.h"

namespace grok {
namespace {

constexpr int p = 7;

// Every input gets the same logits: the bias of the MLP alone, through the unembedding. That of
// class 3 is `gap` above all others.
Weights constant_network(const TaskData& task, const Params& model, float gap) {
  Weights w = small_weights(task, model);
  for (auto& [name, tensor] : w)
    for (float& x : tensor.data) x = 0;
  w.at("blocks.0.mlp.b_out").data[0] = 1;
  w.at("unembed.W_U").data[3] = gap;
  return w;
}

struct Found {
  Measurements measurements;
  double operator()(const std::string& name) const { return *measurements.metric(name); }
};

Found measured(float gap, const TaskData& task) {
  const Params model = small_model();
  ThreadPool pool(2);
  ProbeSet probes(model, task, std::vector<std::string>{"numerical_health"}, pool);
  return {probes.measure(constant_network(task, model, gap))};
}

/// All pairs whose sum is 3, for training: the constant answer is right.
TaskData task_of_threes() {
  TaskData task = small_task(p, 1.0);
  std::erase_if(task.train, [&](std::int32_t row) {
    return task.labels.data[static_cast<std::size_t>(row)] != 3;
  });
  return task;
}

TEST(NumericalHealth, is_sound_where_logits_are_alike) {
  const Found found = measured(0, task_of_threes());
  for (const auto& [name, value] : found.measurements.metrics) EXPECT_EQ(value, 0) << name;
  EXPECT_EQ(found.measurements.metrics.size(), 11u);
}

// exp(-16.5) is above half a unit in the last place of 1, 2^-24; exp(-17) is below. There are seven
// other classes, '=' among them, and their sum is lost later than each of them.
TEST(NumericalHealth, tells_absorbed_logits_from_a_collapsed_softmax) {
  const TaskData task = task_of_threes();
  EXPECT_EQ(measured(16.5f, task)("absorbed_logits.float32"), 0);
  const Found absorbed = measured(17, task);
  EXPECT_EQ(absorbed("absorbed_logits.float32"), 1);
  EXPECT_EQ(absorbed("absorbed_logits.float64"), 0);
  EXPECT_EQ(absorbed("softmax_collapse.float32_plain"), 0);  // 7 exp(-17) = 2.9e-7
  const Found collapsed = measured(19, task);                // 7 exp(-19) = 3.9e-8 < 2^-24
  EXPECT_EQ(collapsed("softmax_collapse.float32_plain"), 1);
  EXPECT_EQ(collapsed("softmax_collapse.float32"), 0);
  EXPECT_EQ(collapsed("softmax_collapse.float64"), 0);
  EXPECT_EQ(collapsed("zero_gradients.float32_plain"), 0);  // the other classes' are not 0 yet
  EXPECT_EQ(measured(37, task)("absorbed_logits.float64"), 1);
  EXPECT_EQ(measured(36, task)("absorbed_logits.float64"), 0);
}

// At a gap of 110 the others' share, exp(-110) / n, is below float32's least normal number: float64
// does not help, for gradients are float32. The exponentials of our float32 end at exp(-87), which
// for seven examples is still a number.
TEST(NumericalHealth, counts_gradients_that_are_exactly_zero) {
  const Found found = measured(110, task_of_threes());
  EXPECT_EQ(found("zero_gradients.float64"), 1);
  EXPECT_EQ(found("zero_gradients.float32_plain"), 1);
  EXPECT_EQ(found("zero_gradients.float32"), 0);
  EXPECT_EQ(found("softmax_collapse.float64"), 0);
  EXPECT_EQ(found("softmax_collapse.float32"), 0);
}

// Beside s(gap) = gap + 1 the s(0) = 1 of the others is lost from 2^24 on; in between a softmax has
// long collapsed, and StableMax has losses and gradients.
TEST(NumericalHealth, finds_stablemax_sound_where_a_softmax_has_collapsed) {
  const TaskData task = task_of_threes();
  const Found found = measured(1e6f, task);
  EXPECT_EQ(found("softmax_collapse.float32_plain"), 1);
  EXPECT_EQ(found("zero_gradients.float64"), 1);
  for (const char* what : {"absorbed_logits", "softmax_collapse", "zero_gradients"})
    EXPECT_EQ(found(std::string(what) + ".stablemax"), 0) << what;
  EXPECT_EQ(measured(3e7f, task)("absorbed_logits.stablemax"), 1);
  EXPECT_EQ(measured(3e7f, task)("softmax_collapse.stablemax"), 0);
}

// Where the network is wrong, its loss is the gap and its gradient is whole.
TEST(NumericalHealth, is_a_share_of_the_training_answers) {
  TaskData task = small_task(p, 1.0);
  const auto n = static_cast<double>(task.train.size());
  const double n_threes = static_cast<double>(task_of_threes().train.size());
  const Found found = measured(30, task);
  EXPECT_EQ(found("absorbed_logits.float32"), 1);
  EXPECT_NEAR(found("softmax_collapse.float32_plain"), n_threes / n, 1e-12);
  EXPECT_EQ(found("zero_gradients.float32_plain"), 0);
}

TEST(NumericalHealth, has_no_meaning_without_training_answers_or_classes) {
  const auto applies = probes::numerical_health().applies;
  TaskData task = small_task(p);
  EXPECT_TRUE(applies(task, small_model()));
  task.train.clear();
  EXPECT_FALSE(applies(task, small_model()));
}

std::vector<Event> spikes_of(const std::vector<double>& losses) {
  const CurveLookup curve = [&](std::string_view name) {
    std::vector<MetricPoint> out;
    if (name != "train_loss") return out;
    for (std::size_t i = 0; i < losses.size(); ++i)
      out.push_back({static_cast<std::int64_t>(100 * i), losses[i]});
    return out;
  };
  return probes::numerical_health().conclude(curve);
}

std::vector<double> flat_with_noise() {
  std::vector<double> out;
  for (int i = 0; i < 60; ++i) out.push_back(1e-3 * (1 + 0.01 * std::sin(5.0 * i)));
  return out;
}

TEST(NumericalHealth, sees_a_spike_that_comes_down_again) {
  std::vector<double> losses = flat_with_noise();
  losses[40] = 2;
  losses[41] = 0.5;
  losses[20] /= 30;  // downwards: no slingshot
  const std::vector<Event> found = spikes_of(losses);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].step, 4000);
  EXPECT_EQ(found[0].kind, "spike");
  const std::string end = R"(,"peak":2.0,"peak_step":4000,"until":4100})";
  EXPECT_TRUE(found[0].detail.ends_with(end)) << found[0].detail;
  losses[55] = std::nan("");
  EXPECT_EQ(spikes_of(losses).size(), 1u);
}

TEST(NumericalHealth, sees_none_in_what_falls_or_rises_for_good) {
  EXPECT_TRUE(spikes_of({}).empty());
  EXPECT_TRUE(spikes_of({1}).empty());
  std::vector<double> losses = flat_with_noise();
  EXPECT_TRUE(spikes_of(losses).empty());
  for (std::size_t i = 30; i < losses.size(); ++i) losses[i] *= 1000;
  EXPECT_TRUE(spikes_of(losses).empty());
}

}  // namespace
}  // namespace grok
