#include "grok/train/trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/kernels/target.h"
#include "grok/terms/term.h"
#include "tests/support/small_spec.h"

namespace grok {
namespace {

Checkpoint trained(const RunSpec& spec, int n_threads, int steps) {
  const TaskData task = tasks::data_of(spec.task);
  ThreadPool pool(n_threads);
  Trainer trainer(spec, task, pool);
  for (int i = 0; i < steps; ++i) trainer.step();
  return trainer.checkpoint();
}

// p = 29: 504 examples, so that every kernel has more than one chunk to share out.
RunSpec shared_out() {
  return small_spec(29, {{"d_model", std::int64_t{24}}, {"d_mlp", std::int64_t{72}}});
}

TEST(Trainer, makes_the_loss_fall) {
  const RunSpec spec = small_spec(11);
  const TaskData task = tasks::data_of(spec.task);
  ThreadPool pool(1);
  Trainer trainer(spec, task, pool);
  const double first = trainer.step();
  EXPECT_NEAR(first, std::log(12), 1);
  double last = first;
  for (int i = 0; i < 300; ++i) last = trainer.step();
  EXPECT_LT(last, 0.9 * first);
  EXPECT_EQ(trainer.steps_done(), 301);
}

TEST(Trainer, gives_the_same_bits_for_any_number_of_threads) {
  const Checkpoint one = trained(shared_out(), 1, 100);
  for (const int n_threads : {2, 4, 8}) EXPECT_EQ(trained(shared_out(), n_threads, 100), one);
}

TEST(Trainer, gives_the_same_bits_on_avx2_and_avx512) {
  const std::string_view before = active_target();
  if (before == "portable")
    GTEST_SKIP() << "bits are promised for machines with fused multiply-add";
  force_target("avx2");
  const Checkpoint narrow = trained(shared_out(), 2, 100);
  force_target(before);
  EXPECT_EQ(trained(shared_out(), 2, 100), narrow);
}

TEST(Trainer, goes_on_exactly_from_a_checkpoint) {
  const RunSpec spec = shared_out();
  const Checkpoint whole = trained(spec, 1, 60);
  const TaskData task = tasks::data_of(spec.task);
  ThreadPool pool(2);
  Trainer second(spec, task, pool, trained(spec, 1, 23));
  while (second.steps_done() < 60) second.step();
  EXPECT_EQ(second.checkpoint(), whole);
}

TEST(Trainer, leaves_the_weights_alone_in_the_step_that_diverges) {
  const RunSpec spec = small_spec();
  const TaskData task = tasks::data_of(spec.task);
  Checkpoint poisoned = trained(spec, 1, 5);
  poisoned.weights.at("unembed.W_U").data[3] = std::numeric_limits<float>::quiet_NaN();
  ThreadPool pool(1);
  Trainer trainer(spec, task, pool, poisoned);
  EXPECT_TRUE(std::isnan(trainer.step()));
  EXPECT_EQ(trainer.steps_done(), 5);
}

TEST(Trainer, refuses_a_checkpoint_of_another_model) {
  const RunSpec spec = small_spec();
  const TaskData task = tasks::data_of(spec.task);
  ThreadPool pool(1);
  EXPECT_THROW(Trainer(spec, task, pool, trained(small_spec(11), 1, 1)), Error);
}

// Weights that use frequency 2 and no other, so that it stands out.
Checkpoint of_one_frequency(const RunSpec& spec, const TaskData& task) {
  Checkpoint out = first_checkpoint(spec, task);
  const auto put = [&](const char* name, auto&& at) {
    Tensor& t = out.weights.at(name);
    const std::int64_t n = t.shape[1];
    for (std::size_t i = 0; i < t.data.size(); ++i)
      t.data[i] = 0.01f * t.data[i] +
                  at(static_cast<std::int64_t>(i) / n, static_cast<std::int64_t>(i) % n);
  };
  const auto wave = [](std::int64_t x) {
    return static_cast<float>(std::cos(2 * 3.14159265358979 * 2 * static_cast<double>(x) / 11));
  };
  put("embed.W_E", [&](std::int64_t a, std::int64_t i) { return i == 0 ? wave(a) : 0; });
  put("unembed.W_U", [&](std::int64_t i, std::int64_t c) { return i == 0 ? wave(c) : 0; });
  put("blocks.0.mlp.W_out", [&](std::int64_t, std::int64_t i) { return i == 0 ? 1.0f : 0; });
  return out;
}

RunSpec with_terms(const char* label, const TermDef& def, Params given, RunSpec spec) {
  spec.terms.set_part(label, named(def.name.data(), def.schema(), given, spec.train));
  return spec;
}

// Read again after steps 4, 8, 12: a checkpoint at any step in between holds what stood then.
TEST(Trainer, goes_on_exactly_with_the_key_frequencies_that_a_term_has_read) {
  const RunSpec spec = with_terms(
      "x", terms::excluded(), {{"weight", 0.5}, {"reread_every", std::int64_t{4}}}, small_spec(11));
  const TaskData task = tasks::data_of(spec.task);
  ThreadPool pool(2);
  Trainer whole(spec, task, pool, of_one_frequency(spec, task));
  std::vector<Checkpoint> passed{whole.checkpoint()};
  while (whole.steps_done() < 14) {
    if (whole.steps_done() % 3 == 0) whole.evaluate();  // who asks in between changes nothing
    whole.step();
    passed.push_back(whole.checkpoint());
  }
  EXPECT_EQ(passed[3].terms.at("x").data, passed[0].terms.at("x").data);
  const AlignedVector<float>& read = passed[4].terms.at("x").data;
  EXPECT_EQ(std::vector<float>(read.begin(), read.end()),
            (std::vector<float>{0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0}));
  for (const Checkpoint& from : passed) {
    ThreadPool alone(1);
    Trainer second(spec, task, alone, from);
    while (second.steps_done() < 14) second.step();
    EXPECT_EQ(second.checkpoint(), passed.back()) << "from step " << from.step;
  }
  // With other frequencies in its state a run is another.
  Checkpoint changed = passed[5];
  std::ranges::fill(changed.terms.at("x").data, 0.0f);
  Trainer other(spec, task, pool, changed);
  other.step();
  EXPECT_NE(other.checkpoint().weights, passed[6].weights);
  changed.terms = {};
  EXPECT_THROW(other.go_to(changed), Error);
}

TEST(Trainer, computes_a_term_of_weight_zero_and_does_not_train_on_it) {
  const RunSpec plain = small_spec(11);
  const TaskData task = tasks::data_of(plain.task);
  ThreadPool pool(1);
  const auto after_a_step = [&](double weight, double& value) {
    const RunSpec spec = with_terms("x", terms::frequency_power(),
                                    {{"weight", weight}, {"frequencies", Integers{2}}}, plain);
    Trainer trainer(spec, task, pool);
    EXPECT_EQ(trainer.term_labels(), std::vector<std::string>{"x"});
    trainer.step();
    trainer.step();
    value = trainer.term_value("x");
    return trainer.checkpoint().weights;
  };
  double measured = 0, trained_on = 0;
  EXPECT_EQ(after_a_step(0, measured), trained(plain, 1, 2).weights);
  EXPECT_NE(after_a_step(1, trained_on), trained(plain, 1, 2).weights);
  EXPECT_GT(measured, 0.01);
  EXPECT_LT(measured, 1);
}

TEST(Trainer, refuses_terms_of_all_examples_where_a_step_does_not_see_them) {
  RunSpec spec = with_terms("x", terms::excluded(), {{"weight", 0.5}}, small_spec(11));
  const TaskData task = tasks::data_of(spec.task);
  loss_graph(spec, task);
  spec.train.set("batch", std::int64_t{8});
  EXPECT_THROW(loss_graph(spec, task), Error);
  spec.train.set("batch", std::string("full"));
  spec.model.set("dropout", 0.1);
  EXPECT_THROW(loss_graph(spec, task), Error);
  // One of weights alone does not mind.
  RunSpec penalty = with_terms("x", terms::frequency_power(), {{"weight", 0.5}}, small_spec(11));
  penalty.train.set("batch", std::int64_t{8});
  penalty.model.set("dropout", 0.1);
  loss_graph(penalty, task);
}

}  // namespace
}  // namespace grok
