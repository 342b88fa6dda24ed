// Runs that train on some examples at a time, drawn without end or shuffled: they are brought back
// as exactly as others, and record the loss of each batch.

#include <gtest/gtest.h>

#include "grok/lab/replay.h"
#include "grok/lab/run.h"
#include "grok/lab/testing.h"
#include "grok/train/trainer.h"

namespace grok {
namespace {

using testing::Everything;
using testing::everything_in;
using testing::run_until;
using testing::tiny_spec;

struct Case {
  const char* name;
  std::vector<std::string> overrides;
};

class run_in_batches : public ::testing::TestWithParam<Case> {
 protected:
  RunSpec spec = tiny_spec(GetParam().overrides);
  TemporaryDirectory folder;
};

TEST_P(run_in_batches, goes_on_as_if_it_had_not_been_interrupted) {
  run(spec, folder / "whole.grok", {.n_threads = 1});
  run_until(37, spec, folder / "broken.grok");
  EXPECT_EQ(resume(folder / "broken.grok", {.n_threads = 2}).ending, Ending::done);
  EXPECT_EQ(everything_in(folder / "broken.grok"), everything_in(folder / "whole.grok"));
}

TEST_P(run_in_batches, is_replayed_to_its_keyframes) {
  run(spec, folder / "whole.grok", {.n_threads = 1});
  const auto steps = RunFile::open(folder / "whole.grok", Access::read).keyframe_steps();
  const ReplayResult found = replay(folder / "whole.grok", {}, {.n_threads = 2});
  EXPECT_EQ(found.n_keyframes, static_cast<std::int64_t>(steps.size()));
}

TEST_P(run_in_batches, records_the_loss_of_the_batch_that_follows) {
  run(spec, folder / "whole.grok", {.n_threads = 1});
  const RunFile file = RunFile::open(folder / "whole.grok", Access::read);
  EXPECT_EQ(file.metric("batch_loss").size(), file.metric("test_loss").size());
  EXPECT_EQ(file.metric("train_loss").empty(), spec.task.contains("data"));
  // It is the loss of the weights of that very step: taken again from the keyframe it is the same.
  const TaskData task = tasks::data_of(spec.task);
  ThreadPool pool(1);
  Trainer trainer(spec, task, pool);
  EXPECT_EQ(file.metric("batch_loss").front().value, trainer.evaluate());
  while (trainer.steps_done() < 120) trainer.step();
  EXPECT_EQ(file.metric("batch_loss").back().value, trainer.evaluate());
}

TEST_P(run_in_batches, tells_afterwards_the_loss_of_any_step_s_batch) {
  run(spec, folder / "whole.grok", {.n_threads = 1});
  const ReplayResult found =
      replay(folder / "whole.grok",
             {.from = 0, .to = 12, .probes = {"loss_and_accuracy"}, .every = 1}, {.n_threads = 2});
  EXPECT_GT(found.n_agreed, 0);  // what the run recorded of these steps
  const RunFile file = RunFile::open(folder / "whole.grok", Access::read);
  const TaskData task = tasks::data_of(spec.task);
  ThreadPool pool(1);
  Trainer trainer(spec, task, pool);
  while (trainer.steps_done() < 11) trainer.step();
  bool has_step = false;
  for (const MetricPoint& point : file.metric("batch_loss"))
    if (point.step == 11) {
      has_step = true;
      EXPECT_EQ(point.value, trainer.evaluate());
    }
  EXPECT_TRUE(has_step);
}

INSTANTIATE_TEST_SUITE_P(
    of, run_in_batches,
    ::testing::Values(Case{"the_training_split", {"train.batch=16"}},
                      Case{"examples_without_end",
                           {"task.name=skip_trigram", "task.length=9", "task.n_test=20",
                            "train.batch=16"}},
                      Case{"examples_drawn_as_torch_draws",
                           {"task.name=skip_trigram", "task.length=9", "task.n_test=20",
                            "task.data_rng=torch", "train.batch=16"}},
                      Case{"answers_that_move_about",
                           {"task.name=repeated_subsequence", "task.length=18",
                            "task.repeat_length=3", "task.n_test=10", "train.batch=8"}}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace grok
