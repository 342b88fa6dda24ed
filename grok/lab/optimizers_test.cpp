// Runs with every optimizer, filter and schedule: what they remember is in their file, so that they
// resume, fork and are replayed exactly.

#include <gtest/gtest.h>

#include "grok/filters/filter.h"
#include "grok/lab/fork.h"
#include "grok/lab/keyframe.h"
#include "grok/lab/origin.h"
#include "grok/lab/replay.h"
#include "grok/lab/testing.h"
#include "grok/optim/optimizer.h"
#include "grok/schedules/lr_schedule.h"

namespace grok {
namespace {

namespace fs = std::filesystem;
using testing::tiny_spec;

using Overrides = std::vector<std::string>;

std::vector<Overrides> all_settings() {
  std::vector<Overrides> out;
  const std::string short_run = "train.steps=60";
  for (const OptimizerDef* def : optim::catalog()) {
    Overrides one{short_run, "optim.name=" + std::string(def->name)};
    if (def->compares_losses) one.emplace_back("optim.warmup_steps=0");
    out.push_back(one);
  }
  for (const FilterDef* def : filters::catalog())
    out.push_back({short_run, "optim.filters=[" + std::string(def->name) + "]"});
  out.back().emplace_back("optim.weight_decay_to=initial");
  for (const LrScheduleDef* def : schedules::catalog()) {
    out.push_back({short_run, "optim.schedule=" + std::string(def->name)});
    if (def->name == "steps") out.back().emplace_back("optim.steps.at=[20,40]");
  }
  return out;
}

std::string last_digest(const fs::path& path) {
  const RunFile file = RunFile::open(path, Access::read);
  return file.keyframe_digest(file.keyframe_steps().back());
}

TEST(optimizers, resume_fork_and_replay_exactly) {
  for (const Overrides& overrides : all_settings()) {
    SCOPED_TRACE(overrides[1]);
    const TemporaryDirectory folder;
    const fs::path whole = folder / "whole.grok", broken = folder / "broken.grok",
                   forked = folder / "forked.grok";
    const RunSpec spec = tiny_spec(overrides);
    ASSERT_EQ(run(spec, whole, {.n_threads = 1}).ending, Ending::done);
    const std::string expected = last_digest(whole);
    testing::StopAt stopper(33);
    EXPECT_EQ(run(spec, broken, {1, &stopper, &stopper.flag}).ending, Ending::interrupted);
    EXPECT_EQ(resume(broken, {.n_threads = 2}).ending, Ending::done);
    EXPECT_EQ(last_digest(broken), expected);
    fork_run(whole, {37, {}, {}}, forked, {.n_threads = 1});
    EXPECT_EQ(last_digest(forked), expected);
    EXPECT_TRUE(replay(whole, {}).is_complete);  // every keyframe comes out again
  }
}

Checkpoint first_state(const fs::path& path) {
  const RunFile file = RunFile::open(path, Access::read);
  return checkpoint_of(file.keyframe(file.keyframe_steps().front()));
}

// A filter more begins anew; what the optimizer remembers goes on. Without it again, all is as in a
// run that never had it, but for what it did to the weights.
TEST(optimizers, keep_what_they_remember_beside_a_filter_that_comes_and_goes) {
  const TemporaryDirectory folder;
  const fs::path parent = folder / "a.grok", child = folder / "b.grok", plain = folder / "c.grok",
                 grandchild = folder / "d.grok";
  run(tiny_spec(), parent, {.n_threads = 1});
  fork_run(parent, {37, {}, {}}, plain, {.n_threads = 1});
  fork_run(parent, {37, {"optim.filters=[grokfast_ema]"}, {}}, child, {.n_threads = 1});
  const Checkpoint before = first_state(plain), with = first_state(child);
  EXPECT_EQ(with.weights, before.weights);
  for (const auto& [name, tensor] : before.optimizer) EXPECT_EQ(tensor, with.optimizer.at(name));
  EXPECT_EQ(with.optimizer.at("grokfast_ema.has_begun").data[0], 0);
  EXPECT_TRUE(origin_of(RunFile::open(child, Access::read))->has_new_optimizer_state);
  EXPECT_NE(last_digest(child), last_digest(parent));
  fork_run(child, {37, {"optim.filters=[]"}, {}}, grandchild, {.n_threads = 1});
  EXPECT_FALSE(origin_of(RunFile::open(grandchild, Access::read))->has_new_optimizer_state);
  EXPECT_EQ(last_digest(grandchild), last_digest(parent));
}

// Weights that a filter moves for a while stay where they are frozen.
TEST(optimizers, leave_frozen_weights_frozen_where_they_look_elsewhere) {
  for (const std::string with : {"optim.filters=[sam]", "optim.filters=[weight_noise]"}) {
    const TemporaryDirectory folder;
    const fs::path parent = folder / "a.grok", child = folder / "b.grok";
    run(tiny_spec({"train.steps=60"}), parent, {.n_threads = 1});
    fork_run(parent, {37, {with}, {"freeze:tensors=[embed.W_E]"}}, child, {.n_threads = 1});
    const RunFile file = RunFile::open(child, Access::read);
    EXPECT_EQ(weights_of(file.keyframe(60)).at("embed.W_E"),
              weights_of(file.keyframe(37)).at("embed.W_E"));
    EXPECT_TRUE(replay(child, {}).is_complete);
  }
}

TEST(optimizers, line_search_wants_the_same_examples_in_every_step) {
  const Overrides own{"optim.name=line_search", "optim.warmup_steps=0"};
  Overrides batched = own;
  batched.emplace_back("train.batch=8");
  EXPECT_NO_THROW(tiny_spec(own));
  EXPECT_THROW(tiny_spec(batched), Error);
}

}  // namespace
}  // namespace grok
