#include "grok/lab/run.h"

#include <cmath>
#include <functional>
#include <limits>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/lab/keyframe.h"
#include "grok/lab/summary.h"
#include "grok/lab/testing.h"
#include "grok/spec/schedule.h"
#include "tests/support/expect_error.h"

namespace grok {
namespace {

namespace fs = std::filesystem;
using testing::run_until;
using testing::tiny_spec;

std::vector<std::int64_t> steps_of(const RunFile& file, std::string_view metric) {
  std::vector<std::int64_t> out;
  for (const MetricPoint& point : file.metric(metric)) out.push_back(point.step);
  return out;
}

std::vector<std::string> kinds_of(const RunFile& file) {
  std::vector<std::string> out;
  for (const Event& event : file.events()) out.push_back(event.kind);
  return out;
}

TEST(run, records_at_the_steps_of_its_schedules) {
  const TemporaryDirectory folder;
  const RunSpec spec = tiny_spec();
  const RunResult result = run(spec, folder / "a.grok", {.n_threads = 1});
  EXPECT_EQ(result.ending, Ending::done);
  EXPECT_EQ(result.step, 120);
  EXPECT_TRUE(result.is_closed);
  const RunFile file = RunFile::open(folder / "a.grok", Access::read);
  EXPECT_EQ(steps_of(file, "train_loss"), record_steps(spec, 120));
  EXPECT_EQ(file.keyframe_steps(), keyframe_steps(spec, 120));
  EXPECT_EQ(file.spec_digest(), spec_digest(spec));
}

TEST(run, metrics_at_a_step_are_those_of_the_weights_after_so_many_updates) {
  const TemporaryDirectory folder;
  const RunSpec spec = tiny_spec();
  run(spec, folder / "a.grok", {.n_threads = 1});
  const RunFile file = RunFile::open(folder / "a.grok", Access::read);
  ThreadPool pool(1);
  const TaskData task = tasks::data_of(spec.task);
  for (const std::int64_t step : {0, 1, 100}) {
    Trainer trainer(spec, task, pool, checkpoint_of(file.keyframe(step)));
    const double loss_before_the_update = trainer.step();
    double recorded = -1;
    for (const MetricPoint& point : file.metric("train_loss"))
      if (point.step == step) recorded = point.value;
    // Two programs compute it, folded each in its own way: to rounding in float32.
    EXPECT_NEAR(recorded, loss_before_the_update, 1e-6 * loss_before_the_update) << step;
  }
}

TEST(run, ends_by_its_rule_at_the_first_record_that_meets_it_with_a_keyframe) {
  const TemporaryDirectory folder;
  const RunSpec spec = tiny_spec({"train.stop_when=train_loss < 1.0"});
  const RunResult result = run(spec, folder / "a.grok", {.n_threads = 1});
  EXPECT_EQ(result.ending, Ending::stopped_by_rule);
  const RunFile file = RunFile::open(folder / "a.grok", Access::read);
  const std::vector<MetricPoint> losses = file.metric("train_loss");
  EXPECT_LT(losses.back().value, 1.0);
  EXPECT_GE(losses[losses.size() - 2].value, 1.0);
  EXPECT_EQ(losses.back().step, result.step);
  EXPECT_EQ(file.keyframe_steps().back(), result.step);
}

TEST(run, diverges_in_the_step_whose_loss_is_no_number_and_keeps_the_file_whole) {
  const TemporaryDirectory folder;
  const RunSpec spec = tiny_spec({"optim.lr=1e30"});
  const RunResult result = run(spec, folder / "a.grok", {.n_threads = 1});
  EXPECT_EQ(result.ending, Ending::diverged);
  EXPECT_LT(result.step, 10);
  const RunFile file = RunFile::open(folder / "a.grok", Access::read);
  const std::vector<MetricPoint> losses = file.metric("train_loss");
  EXPECT_EQ(losses.back().step, result.step);
  EXPECT_FALSE(std::isfinite(losses.back().value));
  for (std::size_t i = 0; i + 1 < losses.size(); ++i) EXPECT_TRUE(std::isfinite(losses[i].value));
  EXPECT_EQ(file.keyframe_steps().back(), result.step);
  EXPECT_EQ(run(spec, folder / "a.grok", {.n_threads = 1}).ending, Ending::diverged);
}

TEST(run, refuses_a_file_that_holds_another_spec_and_leaves_it_as_it_was) {
  const TemporaryDirectory folder;
  run(tiny_spec({"train.steps=5"}), folder / "a.grok", {.n_threads = 1});
  EXPECT_TRUE(fails_with(
      ErrorCode::usage, "another spec: train.steps is 5 there and 6 here; nothing was changed",
      [&] { run(tiny_spec({"train.steps=6"}), folder / "a.grok", {.n_threads = 1}); }));
  EXPECT_EQ(RunFile::open(folder / "a.grok", Access::read).last_step(), 5);
}

TEST(run, of_another_spec_is_told_by_the_first_values_that_differ) {
  const TemporaryDirectory folder;
  run(tiny_spec({"train.steps=5"}), folder / "a.grok", {.n_threads = 1});
  const RunSpec other = tiny_spec(
      {"train.steps=6", "optim.lr=0.5", "task.p=13", "model.d_mlp=8", "optim.filters=[clip_norm]"});
  EXPECT_TRUE(fails_with(
      ErrorCode::usage,
      "model.d_mlp is 32 there and 8 here, optim.clip_norm.largest is not set there and 1.0 here, "
      "optim.filters is [] there and [\"clip_norm\"] here, and 3 more",
      [&] { run(other, folder / "a.grok", {.n_threads = 1}); }));
}

TEST(run, of_parts_that_do_not_fit_together_leaves_no_file) {
  const TemporaryDirectory folder;
  // Waves of a + b, where no number is added to another.
  const RunSpec spec = tiny_spec({"task.name=skip_trigram", "task.length=9", "task.n_test=20",
                                  "train.batch=16", "terms.excluded.weight=0.1"});
  EXPECT_TRUE(fails_with(ErrorCode::usage, "terms.excluded",
                         [&] { run(spec, folder / "a.grok", {.n_threads = 1}); }));
  EXPECT_FALSE(std::filesystem::exists(folder / "a.grok"));
}

TEST(run, of_batches_larger_than_the_split_leaves_no_file) {
  const TemporaryDirectory folder;
  EXPECT_TRUE(fails_with(ErrorCode::usage, "train.batch: expected at most the ", [&] {
    run(tiny_spec({"train.batch=1000"}), folder / "a.grok", {.n_threads = 1});
  }));
  EXPECT_FALSE(std::filesystem::exists(folder / "a.grok"));
}

// SQLite would go on writing into a file that has no name any more.
TEST(run, stops_at_once_where_its_file_is_deleted_or_moved) {
  class Remove : public RunObserver {
   public:
    explicit Remove(std::function<void()> what) : what_(std::move(what)) {}
    void on_step(std::int64_t step, double) override {
      if (step == 33) what_();
      last = step;
    }
    std::int64_t last = 0;

   private:
    std::function<void()> what_;
  };
  const TemporaryDirectory folder;
  const fs::path path = folder / "a.grok", elsewhere = folder / "b.grok";
  for (const bool is_moved : {false, true}) {
    Remove observer([&] {
      if (is_moved)
        fs::rename(path, elsewhere);
      else
        fs::remove(path);
    });
    EXPECT_TRUE(fails_with(ErrorCode::unavailable, "was deleted, moved or replaced", [&] {
      run(tiny_spec(), path, {.n_threads = 1, .observer = &observer});
    }));
    EXPECT_LE(observer.last, 40);  // the next record
    fs::remove(is_moved ? elsewhere : path);
  }
}

TEST(run, that_is_over_does_nothing_when_run_again) {
  const TemporaryDirectory folder;
  const RunSpec spec = tiny_spec({"train.steps=20"});
  run(spec, folder / "a.grok", {.n_threads = 1});
  const auto events = kinds_of(RunFile::open(folder / "a.grok", Access::read));
  const RunResult again = run(spec, folder / "a.grok", {.n_threads = 1});
  EXPECT_EQ(again.ending, Ending::done);
  EXPECT_EQ(again.first_step, 20);
  EXPECT_EQ(kinds_of(RunFile::open(folder / "a.grok", Access::read)), events);
}

TEST(run, gives_the_same_bits_for_any_number_of_threads) {
  const TemporaryDirectory folder;
  std::string digest;
  for (const int n_threads : {1, 2, 4, 8}) {
    const std::filesystem::path path = folder / (std::to_string(n_threads) + ".grok");
    run(tiny_spec({"train.steps=60"}), path, {.n_threads = n_threads});
    const std::string found = summarize(RunFile::open(path, Access::read)).weights_digest;
    if (digest.empty()) digest = found;
    EXPECT_EQ(found, digest) << n_threads << " threads";
  }
}

// The loss is still finite where the first update with this rate overflows the weights.
TEST(run, ends_in_the_very_step_in_which_a_weight_overflows) {
  const TemporaryDirectory folder;
  const std::filesystem::path path = folder / "a.grok";
  const RunResult result =
      run(tiny_spec({"optim.lr=1e25", "optim.weight_decay=1e25", "optim.warmup_steps=0"}), path,
          {.n_threads = 1});
  EXPECT_EQ(result.ending, Ending::diverged);
  EXPECT_EQ(result.step, 1);
  const RunFile file = RunFile::open(path, Access::read);
  EXPECT_EQ(ending_of(file)->what, "weights.embed.W_E");
  EXPECT_TRUE(std::isfinite(file.metric("train_loss").front().value));  // all up to it is there
  EXPECT_EQ(file.keyframe_steps(), (std::vector<std::int64_t>{0, 1}));
  EXPECT_FALSE(std::isfinite(file.keyframe(1).tensors.at("weights.embed.W_E").data[0]));
  EXPECT_EQ(summarize(file).diverged, "weights.embed.W_E");
}

TEST(run, says_that_the_loss_was_the_first_to_go) {
  const TemporaryDirectory folder;
  const std::filesystem::path path = folder / "a.grok";
  const RunResult result = run(tiny_spec({"optim.lr=1e15", "optim.weight_decay=0"}), path, {1});
  EXPECT_EQ(result.ending, Ending::diverged);
  EXPECT_EQ(ending_of(RunFile::open(path, Access::read))->what, "train_loss");
}

}  // namespace
}  // namespace grok
