#include "grok/lab/lifetimes.h"

#include <gtest/gtest.h>

#include "grok/lab/origin.h"
#include "grok/lab/testing.h"
#include "tests/support/expect_error.h"

namespace grok {
namespace {

using testing::tiny_spec;
namespace fs = std::filesystem;

class DrawnLifetimes : public ::testing::Test {
 protected:
  // A run of 20 records, 100 steps apart: train accuracy is 1 from `memorized` on, test accuracy
  // from `grokked` on.
  fs::path draw(const std::string& name, std::int64_t memorized, std::int64_t grokked,
                std::int64_t forked_at = -1) {
    const RunSpec spec = tiny_spec();
    const fs::path path = folder_ / name;
    RunFile file = RunFile::create(path, canonical_json(spec), spec_digest(spec), "{}");
    std::vector<Moment> moments;
    for (std::int64_t t = std::max<std::int64_t>(forked_at, 0); t <= 2000; t += 100)
      moments.push_back({.step = t,
                         .metrics = {{"train_accuracy", t >= memorized ? 1.0 : 0.2},
                                     {"test_accuracy", t >= grokked ? 1.0 : 0.1}}});
    if (forked_at >= 0)
      moments.front().events.push_back(
          make_event({.parent = "a", .parent_file = "a.grok", .step = forked_at}, "{}"));
    file.commit(moments);
    file.close();
    return path;
  }
  std::optional<Lifetime> of(const fs::path& path, const std::string& event) {
    return lifetime_of(RunFile::open(path, Access::read), Waited::parse(event));
  }
  TemporaryDirectory folder_;
};

TEST_F(DrawnLifetimes, are_the_steps_of_the_first_record_that_is_right) {
  const fs::path run = draw("a.grok", 200, 1500);
  EXPECT_EQ(of(run, "memorized_step")->step, 200);
  EXPECT_EQ(of(run, "grok_step")->step, 1500);
  EXPECT_EQ(of(run, "grok_delay")->step, 1300);
  EXPECT_EQ(of(run, "test_accuracy > 0.05")->step, 0);
  EXPECT_FALSE(of(run, "grok_delay")->is_censored);
}

TEST_F(DrawnLifetimes, of_a_test_split_that_is_learnt_first_have_no_delay) {
  EXPECT_EQ(of(draw("a.grok", 1500, 200), "grok_delay")->step, 0);
}

TEST_F(DrawnLifetimes, of_a_run_that_has_recorded_nothing_are_not_known) {
  const fs::path path = folder_ / "empty.grok";
  RunFile::create(path, canonical_json(tiny_spec()), spec_digest(tiny_spec()), "{}").close();
  EXPECT_FALSE(of(path, "test_loss < 0.5"));
}

TEST_F(DrawnLifetimes, of_runs_that_never_came_to_it_are_censored) {
  const fs::path run = draw("a.grok", 200, 9999);
  EXPECT_EQ(of(run, "grok_step")->step, 2000);
  EXPECT_TRUE(of(run, "grok_step")->is_censored);
  EXPECT_EQ(of(run, "grok_delay")->step, 1800);
  EXPECT_TRUE(of(run, "grok_delay")->is_censored);
  const fs::path neither = draw("b.grok", 9999, 9999);
  EXPECT_EQ(of(neither, "grok_delay")->step, 0) << "the delay has not begun";
  EXPECT_TRUE(of(neither, "grok_delay")->is_censored);
}

TEST_F(DrawnLifetimes, of_forks_that_had_it_before_are_not_known) {
  const fs::path run = draw("a.grok", 200, 1500, 700);
  EXPECT_FALSE(of(run, "memorized_step"));
  EXPECT_FALSE(of(run, "grok_delay"));
  EXPECT_EQ(of(run, "grok_step")->step, 1500);
}

TEST_F(DrawnLifetimes, are_named_or_a_rule) {
  EXPECT_EQ(Waited::parse("test_loss<1e-3").text, "test_loss < 0.001");
  EXPECT_TRUE(
      fails_with(ErrorCode::usage, "expected grok_step", [&] { Waited::parse("grok_stop"); }));
  EXPECT_TRUE(fails_with(ErrorCode::usage, "expected grok_step", [&] { Waited::parse(""); }));
  EXPECT_TRUE(fails_with(ErrorCode::usage, "no metric nothing",
                         [&] { of(draw("a.grok", 0, 0), "nothing > 1"); }));
}

TEST_F(DrawnLifetimes, of_a_folder_have_a_median_and_are_compared) {
  fs::create_directory(folder_ / "fast");
  fs::create_directory(folder_ / "slow");
  fs::create_directory(folder_ / "empty");
  for (int i = 0; i < 6; ++i) {
    const std::string name = std::to_string(i) + ".grok";
    draw("fast/" + name, 100, 500 + 100 * i);
    draw("slow/" + name, 100, i < 4 ? 1600 + 100 * i : 9999);
  }
  const auto group = [&](const char* folder) {
    return lifetimes_of(runs_at({(folder_ / folder).string()}), Waited::parse("grok_step"), 0.9);
  };
  const Lifetimes fast = group("fast"), slow = group("slow");
  EXPECT_EQ(fast.n_events(), 6u);
  EXPECT_EQ(slow.n_events(), 4u);
  EXPECT_EQ(fast.median.step, 750);
  EXPECT_EQ(slow.median.step, 1850);
  EXPECT_FALSE(slow.median.high) << "two of six may never grok";
  const GroupComparison c = compare_groups(fast, slow, 0.9);
  EXPECT_LT(c.log_rank->p_value, 0.01);
  EXPECT_LT(c.permutation_p.value(), 0.01);
  EXPECT_NEAR(c.ratio->ratio, 1851.0 / 751, 1e-9);
  EXPECT_TRUE(fails_with(ErrorCode::not_found, "no run in this folder", [&] { group("empty"); }));
}

}  // namespace
}  // namespace grok
