#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/lab/keyframe.h"
#include "grok/lab/run.h"
#include "grok/lab/testing.h"
#include "tests/support/expect_error.h"

namespace grok {
namespace {

namespace fs = std::filesystem;
using testing::Everything;
using testing::everything_in;
using testing::run_until;
using testing::StopAt;
using testing::tiny_spec;

Everything unbroken(const TemporaryDirectory& folder, const RunSpec& spec) {
  run(spec, folder / "whole.grok", {.n_threads = 1});
  return everything_in(folder / "whole.grok");
}

class interrupted_run : public ::testing::TestWithParam<int> {};

TEST_P(interrupted_run, goes_on_as_if_it_had_not_been) {
  const TemporaryDirectory folder;
  const RunSpec spec = tiny_spec();
  const Everything expected = unbroken(folder, spec);
  const fs::path path = folder / "broken.grok";
  const RunResult first = run_until(GetParam(), spec, path);
  EXPECT_EQ(first.ending, Ending::interrupted);
  EXPECT_EQ(first.step, GetParam());
  EXPECT_EQ(RunFile::open(path, Access::read).keyframe_steps().back(), GetParam());
  const RunResult second = resume(path, {.n_threads = 2});
  EXPECT_EQ(second.first_step, GetParam());
  EXPECT_EQ(second.ending, Ending::done);
  EXPECT_EQ(everything_in(path), expected);
}

// 1, 25 and 100 are on both schedules, 30 is recorded only, 37 and 119 are on neither.
INSTANTIATE_TEST_SUITE_P(at_steps, interrupted_run, ::testing::Values(1, 25, 30, 37, 100, 119));

// What a term reads off the weights is part of a keyframe. Off the schedule of reading, at 37, too.
TEST(resume, goes_on_with_what_terms_of_the_loss_keep) {
  const TemporaryDirectory folder;
  const RunSpec spec =
      tiny_spec({"terms.excluded.weight=0.1", "terms.excluded.reread_every=10",
                 "terms.b.name=restricted", "terms.b.weight=-0.01", "terms.b.frequencies=[2, 3]"});
  const Everything expected = unbroken(folder, spec);
  EXPECT_TRUE(expected.metrics.contains({50, "term.excluded"}));
  EXPECT_TRUE(expected.metrics.contains({50, "term.b"}));
  const fs::path path = folder / "broken.grok";
  run_until(37, spec, path);
  const Checkpoint kept = checkpoint_of(RunFile::open(path, Access::read).keyframe(37));
  EXPECT_EQ(kept.terms.at("excluded").shape, Shape{11});
  EXPECT_EQ(kept.terms.size(), 1u);
  resume(path, {.n_threads = 2});
  EXPECT_EQ(everything_in(path), expected);
}

TEST(resume, twice_gives_the_same_run) {
  const TemporaryDirectory folder;
  const RunSpec spec = tiny_spec();
  const Everything expected = unbroken(folder, spec);
  const fs::path path = folder / "broken.grok";
  run_until(13, spec, path);
  run_until(57, spec, path);
  EXPECT_EQ(run(spec, path, {.n_threads = 1}).ending, Ending::done);
  EXPECT_EQ(everything_in(path), expected);
}

// As a kill leaves it: numbers past the last keyframe, which is at 25, and no ending.
void leave_killed_at_30(const RunSpec& spec, const fs::path& path) {
  run_until(30, spec, path);
  const Database database(path, Database::Mode::read_write);
  database.execute("DELETE FROM keyframe WHERE step > 25; DELETE FROM event WHERE step > 25");
}

TEST(resume, keeps_what_was_recorded_after_the_last_keyframe) {
  const TemporaryDirectory folder;
  const RunSpec spec = tiny_spec();
  const Everything expected = unbroken(folder, spec);
  const fs::path path = folder / "broken.grok";
  leave_killed_at_30(spec, path);
  // Stopped again at once, before it has come to step 30: nothing may be lost by that.
  std::atomic<bool> stop = true;
  EXPECT_EQ(resume(path, {.n_threads = 1, .stop = &stop}).step, 25);
  EXPECT_TRUE(everything_in(path).metrics.contains({30, "train_loss"}));
  EXPECT_EQ(resume(path, {.n_threads = 1}).first_step, 25);
  EXPECT_EQ(everything_in(path), expected);
}

TEST(resume, holds_what_was_recorded_against_what_it_computes) {
  const TemporaryDirectory folder;
  const fs::path path = folder / "broken.grok";
  leave_killed_at_30(tiny_spec(), path);
  RunFile::open(path, Access::read_write)
      .commit({.step = 40, .metrics = {{"test_accuracy", 0.25}}});
  EXPECT_TRUE(fails_with(ErrorCode::damaged, "test_accuracy at step 40 was recorded as 0.25, and",
                         [&] { resume(path, {.n_threads = 1}); }));
}

TEST(resume, completes_a_closing_pass_that_was_broken_off) {
  const TemporaryDirectory folder;
  const RunSpec spec =
      tiny_spec({"train.steps=400", "optim.weight_decay=1.0", "task.train_fraction=0.8"});
  class StopInClosing : public RunObserver {
   public:
    void on_closing(int n_done, int) override { flag = n_done >= 3; }
    std::atomic<bool> flag = false;
  } stopper;
  const Everything expected = unbroken(folder, spec);
  ASSERT_TRUE(expected.metrics.contains({400, "restricted_loss"}))
      << "choose a spec with key frequencies";
  const fs::path path = folder / "broken.grok";
  const RunResult first = run(spec, path, {1, &stopper, &stopper.flag});
  EXPECT_EQ(first.ending, Ending::done);
  EXPECT_FALSE(first.is_closed);
  EXPECT_NE(everything_in(path), expected);
  EXPECT_TRUE(resume(path, {.n_threads = 1}).is_closed);
  EXPECT_EQ(everything_in(path), expected);
}

TEST(resume, refuses_a_run_of_another_plan_version) {
  const TemporaryDirectory folder;
  const RunSpec spec = tiny_spec();
  const fs::path path = folder / "old.grok";
  {
    RunFile file =
        RunFile::create(path, canonical_json(spec), spec_digest(spec), R"({"plan_version": 0})");
  }
  try {
    resume(path, {.n_threads = 1});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unsupported);
  }
}

TEST(resume, of_a_run_that_never_began_starts_it) {
  const TemporaryDirectory folder;
  const RunSpec spec = tiny_spec();
  const Everything expected = unbroken(folder, spec);
  const fs::path path = folder / "new.grok";
  const std::string manifest = RunFile::open(folder / "whole.grok", Access::read).manifest_json();
  RunFile::create(path, canonical_json(spec), spec_digest(spec), manifest).close();
  EXPECT_EQ(resume(path, {.n_threads = 1}).first_step, 0);
  EXPECT_EQ(everything_in(path), expected);
}

TEST(resume, refuses_a_stored_spec_that_no_parser_would_let_pass) {
  const TemporaryDirectory folder;
  RunSpec spec = tiny_spec();
  spec.optim.set("lr", -1.0);
  RunFile::create(folder / "a.grok", canonical_json(spec), spec_digest(spec), "{}").close();
  EXPECT_THROW(resume(folder / "a.grok", {.n_threads = 1}), Error);
}

}  // namespace
}  // namespace grok
