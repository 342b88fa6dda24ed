#include "grok/lab/study_runs.h"

#include <gtest/gtest.h>

#include "grok/lab/sweep.h"
#include "grok/lab/testing.h"
#include "tests/support/expect_error.h"

namespace grok {
namespace {

using testing::tiny_spec;

// Two groups of three runs of twenty steps: nothing groks, and the losses fall.
const Study slower{.question = "Is a lower rate slower?",
                   .event = "train_loss < 2.3",
                   .seeds = "0:2",
                   .control = {},
                   .changed = {"optim.lr=1e-4"}};

std::vector<StudyGroup> groups(const Study& study, const std::filesystem::path& folder) {
  return groups_of(study, folder, [](std::vector<std::string> overrides) {
    overrides.insert(overrides.end(), {"train.steps=20", "record.every=2"});
    return tiny_spec(overrides);
  });
}

TEST(StudyRuns, are_a_control_and_the_changed_with_the_same_seeds) {
  const std::vector<StudyGroup> found = groups(slower, "a");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].name, "as it is");
  EXPECT_EQ(found[1].name, "optim.lr=1e-4");
  EXPECT_NE(found[0].folder, found[1].folder);
  for (const StudyGroup& group : found) {
    ASSERT_EQ(group.plan.runs.size(), 3u);
    EXPECT_EQ(group.plan.runs[2].name, "seed=2");
  }
  EXPECT_EQ(found[1].plan.runs[1].spec.optim.real("lr"), 1e-4);
  EXPECT_EQ(found[1].plan.runs[1].spec.train.integer("seed"), 1);
}

TEST(StudyRuns, are_looked_at_as_far_as_they_are_finished_and_compared_when_all_are) {
  const TemporaryDirectory folder;
  const std::vector<StudyGroup> found = groups(slower, folder.path());
  const StudyResult before = look_at_study(slower, found);
  EXPECT_FALSE(before.is_finished());
  EXPECT_TRUE(before.groups[0].runs.empty());
  run_sweep(found[0].plan, found[0].folder, {.n_jobs = 1});
  const StudyResult half = look_at_study(slower, found);
  EXPECT_EQ(half.groups[0].runs.size(), 3u);
  EXPECT_FALSE(half.is_finished());
  EXPECT_FALSE(half.comparison);
  run_sweep(found[1].plan, found[1].folder, {.n_jobs = 1});
  const StudyResult whole = look_at_study(slower, found);
  EXPECT_TRUE(whole.is_finished());
  ASSERT_TRUE(whole.comparison);
  // The control learns something within twenty steps; at a hundredth of the rate nothing does.
  EXPECT_GT(whole.groups[0].n_events(), whole.groups[1].n_events());
}

// Left by a run of the preset as it was before it was changed.
TEST(StudyRuns, of_another_spec_do_not_count) {
  const TemporaryDirectory folder;
  const std::vector<StudyGroup> found = groups(slower, folder.path());
  std::filesystem::create_directories(found[0].folder);
  run(tiny_spec({"train.steps=10"}), found[0].folder / "seed=0.grok", {.n_threads = 1});
  EXPECT_TRUE(look_at_study(slower, found).groups[0].runs.empty());
}

TEST(StudyRuns, with_long_names_lie_apart) {
  Study study = slower;
  study.control.assign(12, "train.steps=20");
  study.changed = study.control;
  study.control.push_back("optim.lr=0.1");
  study.changed.push_back("optim.lr=0.2");
  const std::vector<StudyGroup> found = groups(study, "a");
  EXPECT_NE(found[0].folder, found[1].folder);
}

TEST(StudyRuns, with_mistakes_are_refused_before_any_is_run) {
  Study study = slower;
  study.event = "grok_stop";
  EXPECT_TRUE(fails_with(ErrorCode::usage, "expected grok_step", [&] { groups(study, "a"); }));
  study.event = "test_acc > 0.99";
  EXPECT_TRUE(fails_with(ErrorCode::usage, "test_acc", [&] { groups(study, "a"); }));
  study = slower;
  study.seeds = "3:1";
  EXPECT_TRUE(fails_with(ErrorCode::usage, "3:1", [&] { groups(study, "a"); }));
  study = slower;
  study.changed = {"optim.lrr=1"};
  EXPECT_TRUE(fails_with(ErrorCode::usage, "lrr", [&] { groups(study, "a"); }));
}

}  // namespace
}  // namespace grok
