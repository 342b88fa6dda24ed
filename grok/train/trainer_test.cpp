#include "grok/train/trainer.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/kernels/target.h"
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

}  // namespace
}  // namespace grok
