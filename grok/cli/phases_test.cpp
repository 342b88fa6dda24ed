// The command `phases` as a user types it.

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "grok/cli/phases_text.h"
#include "grok/cli/program.h"
#include "tests/support/temporary_directory.h"

namespace grok::testing {
namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

// Runs of three seconds in all, of which every one memorizes.
class PhasesCommand : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryDirectory;
    for (const char* decay : {"0", "1"}) {
      const Outcome o = grokscope({"sweep",   "quick",
                                   "--set",   "task.p=11",
                                   "--set",   "model.d_model=16",
                                   "--set",   "model.d_head=4",
                                   "--set",   "model.d_mlp=32",
                                   "--set",   "train.steps=300",
                                   "--set",   "record.every=5",
                                   "--set",   "record.probes=none",
                                   "--set",   std::string("optim.weight_decay=") + decay,
                                   "--seeds", "0:2",
                                   "--out",   path(decay)});
      ASSERT_EQ(o.exit_code, 0) << o.err;
    }
  }
  static void TearDownTestSuite() { delete folder_; }
  static std::string path(const std::string& name) { return (folder_->path() / name).string(); }

  static TemporaryDirectory* folder_;
};
TemporaryDirectory* PhasesCommand::folder_ = nullptr;

TEST_F(PhasesCommand, tells_of_each_series_what_it_found_or_none) {
  const Outcome o = grokscope({"phases", path("1/seed=0.grok")});
  ASSERT_EQ(o.exit_code, 0) << o.err;
  EXPECT_EQ(o.out.find("seed=0.grok\n"), 0u) << o.out;
  for (const char* part : {"(grok step): ", "mirror image", "onset (10 %)", "train_loss",
                           "test_accuracy", "90 % intervals", "factor of 1.5"})
    EXPECT_NE(o.out.find(part), std::string::npos) << part << "\n" << o.out;
}

TEST_F(PhasesCommand, says_the_same_as_json_and_as_show) {
  const Outcome o = grokscope(
      {"phases", path("1/seed=0.grok"), path("1/seed=1.grok"), "--metric", "train_loss", "--json"});
  ASSERT_EQ(o.exit_code, 0) << o.err;
  const Json json = Json::parse(o.out);
  ASSERT_EQ(json.at("runs").size(), 2u);
  const Json& run = json.at("runs")[0];
  ASSERT_EQ(run.at("series").size(), 1u);
  EXPECT_EQ(run.at("series")[0].at("name"), "train_loss");
  EXPECT_GT(run.at("series")[0].at("n_records"), 60);
  const Json shown = Json::parse(grokscope({"show", path("1/seed=0.grok"), "--json"}).out);
  for (const char* name : {"memorized_step", "grok_step"}) {
    const Json& here = run.at(name);
    if (shown.at(name).is_null())
      EXPECT_TRUE(here.at("is_censored").get<bool>()) << name;
    else
      EXPECT_EQ(here.at("step"), shown.at(name)) << name;
  }
}

TEST_F(PhasesCommand, compares_two_groups) {
  const Outcome o =
      grokscope({"phases", path("0"), "--against", path("1"), "--event", "train_loss < 0.5"});
  ASSERT_EQ(o.exit_code, 0) << o.err;
  for (const char* part : {"train_loss < 0.5, medians with 90 % intervals", "log-rank test",
                           "relabelling", "median of the second over the first"})
    EXPECT_NE(o.out.find(part), std::string::npos) << part << "\n" << o.out;
  const Json json = Json::parse(grokscope({"phases", path("0"), "--against", path("1"), "--event",
                                           "train_loss < 0.5", "--json"})
                                    .out);
  ASSERT_EQ(json.at("groups").size(), 2u);
  EXPECT_EQ(json.at("groups")[0].at("n_runs"), 3);
  const double p = json.at("comparison").at("log_rank").at("p_value");
  EXPECT_GT(p, 0);
  EXPECT_LE(p, 1);
}

TEST_F(PhasesCommand, carries_runs_that_never_came_to_it) {
  const Outcome o = grokscope({"phases", path("1"), "--event", "train_loss < 1e-30"});
  ASSERT_EQ(o.exit_code, 0) << o.err;
  EXPECT_NE(o.out.find("no median"), std::string::npos) << o.out;
  const Outcome compared =
      grokscope({"phases", path("1"), "--event", "train_loss < 1e-30", "--against", path("0")});
  EXPECT_NE(compared.out.find("nothing to compare"), std::string::npos) << compared.out;
}

TEST(PhasesText, says_how_far_on_the_way_only_of_what_is_on_it) {
  cli::RunPhases run;
  run.leak = MirrorLeak{.n_test = 100, .n_mirrored = 50};
  const auto said = [&](double plateau) {
    run.plateau = plateau;
    return cli::phases_text({run}, ChangeOptions{});
  };
  const std::string above = said(0.6), below = said(0.2);
  EXPECT_NE(above.find("60.0 % when the training pairs were learnt, 20.0 % of the way"),
            std::string::npos)
      << above;
  EXPECT_NE(below.find("20.0 % when the training pairs were learnt\n"), std::string::npos) << below;
  EXPECT_NE(said(0.5).find("0.0 % of the way"), std::string::npos);
}

TEST_F(PhasesCommand, says_what_is_wrong) {
  struct Case {
    Words words;
    int exit_code;
    std::string message;
  };
  const std::string run = path("1/seed=0.grok");
  for (const Case& c :
       std::vector<Case>{{{"phases", path("none.grok")}, 3, "none.grok"},
                         {{"phases", run, "--metric", "train_los"}, 2, "did you mean train_loss?"},
                         {{"phases", run, "--event", "soon"}, 2, "expected grok_step"},
                         {{"phases", path("1"), "--metric", "train_loss"}, 2, "--metric is for"},
                         {{"phases", run, "--axis", "epoch"}, 2, "--axis"},
                         {{"phases", path("")}, 2, "no run in this folder"},
                         {{"phases"}, 2, "PATH"}}) {
    const Outcome o = grokscope(c.words);
    EXPECT_EQ(o.exit_code, c.exit_code) << c.message << "\n" << o.err;
    EXPECT_NE(o.err.find(c.message), std::string::npos) << o.err;
    EXPECT_EQ(o.out, "");
  }
}

}  // namespace
}  // namespace grok::testing
