// Going back into a run, as a user does it.

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "grok/cli/program.h"
#include "grok/store/run_file.h"
#include "tests/support/temporary_directory.h"

namespace grok::testing {
namespace {

using Json = nlohmann::json;

class GoingBack : public ::testing::Test {
 protected:
  GoingBack() {
    const Outcome o = grokscope({"train", "quick", "--json", "--out", run, "--set", "task.p=11",
                                 "--set", "model.d_model=16", "--set", "model.d_head=4", "--set",
                                 "model.d_mlp=32", "--set", "train.steps=120", "--set",
                                 "record.every=20", "--set", "record.keyframe_every=50"});
    EXPECT_EQ(o.exit_code, 0) << o.err;
  }
  std::string at(const char* name) const { return (folder.path() / name).string(); }

  TemporaryDirectory folder;
  std::string run = at("run.grok");
};

void expect_failure(const Outcome& o, int code, const std::string& words) {
  EXPECT_EQ(o.exit_code, code) << o.err;
  EXPECT_NE(o.err.find(words), std::string::npos) << o.err;
  EXPECT_EQ(o.out, "");
}

TEST_F(GoingBack, verifies_a_run) {
  const Outcome o = grokscope({"replay", run});
  EXPECT_EQ(o.exit_code, 0) << o.err;
  EXPECT_NE(o.out.find("steps 0 to 120"), std::string::npos) << o.out;
  EXPECT_NE(o.out.find("keyframes verified: the same bits"), std::string::npos) << o.out;
}

TEST_F(GoingBack, measures_what_was_not_measured) {
  const Outcome o = grokscope(
      {"replay", run, "--from", "60", "--to", "70", "--probe", "gini", "--every", "1", "--json"});
  ASSERT_EQ(o.exit_code, 0) << o.err;
  const Json result = Json::parse(o.out);
  EXPECT_EQ(result["n_recorded"].get<int>() + result["n_agreed"].get<int>(), 11 * 4);
  EXPECT_TRUE(result["is_complete"].get<bool>());
  const Outcome show = grokscope({"show", run, "--json"});
  EXPECT_EQ(Json::parse(show.out)["steps"], 120);
}

TEST_F(GoingBack, measures_and_exports_steps_that_were_not_kept) {
  const std::vector<std::string> measure{"probe", run, "--probe", "gini", "--json", "--steps"};
  auto at_57 = measure, at_both = measure;
  at_57.emplace_back("57");
  at_both.emplace_back("50,57");
  const Json one = Json::parse(grokscope(at_57).out), two = Json::parse(grokscope(at_both).out);
  EXPECT_EQ(one["steps"][0]["metrics"], two["steps"][1]["metrics"]);
  EXPECT_NE(two["steps"][0]["metrics"], two["steps"][1]["metrics"]);
  const Outcome o = grokscope({"export", run, "--weights", "57", "--out", at("57.safetensors")});
  ASSERT_EQ(o.exit_code, 0) << o.err;
  const std::vector<std::string> of_file{"probe",          "--weights",      at("57.safetensors"),
                                         "--spec",         "quick",          "--set",
                                         "task.p=11",      "--set",          "model.d_model=16",
                                         "--set",          "model.d_head=4", "--set",
                                         "model.d_mlp=32", "--probe",        "gini",
                                         "--json"};
  EXPECT_EQ(Json::parse(grokscope(of_file).out)["steps"][0]["metrics"], one["steps"][0]["metrics"]);
}

TEST_F(GoingBack, forks_and_compares) {
  const Outcome fork =
      grokscope({"fork", run, "--at", "57", "--set", "optim.weight_decay=0", "--edit",
                 "remove_frequency:frequency=2", "--out", at("fork.grok")});
  ASSERT_EQ(fork.exit_code, 0) << fork.err;
  EXPECT_NE(fork.out.find("forked from        run.grok at step 57"), std::string::npos) << fork.out;
  EXPECT_NE(fork.out.find("edit remove_frequency:frequency=2"), std::string::npos) << fork.out;
  const Outcome text = grokscope({"compare", run, at("fork.grok")});
  EXPECT_NE(text.out.find("They part at step 57, first in embed.W_E"), std::string::npos)
      << text.out;
  EXPECT_NE(text.out.find("optim.weight_decay        1.5"), std::string::npos) << text.out;
  const Outcome json = grokscope(
      {"compare", run, at("fork.grok"), "--metric", "test_loss,sum_squared_weights", "--json"});
  const Json found = Json::parse(json.out);
  EXPECT_EQ(found["parting"]["step"], 57);
  EXPECT_EQ(found["a"]["summary"]["forked_from"], nullptr);
  EXPECT_EQ(found["b"]["summary"]["forked_from"]["step"], 57);
  EXPECT_EQ(found["metrics"].back()["name"], "sum_squared_weights");
}

// A finished run is trained longer as a fork of its last step, and has the bits of one that was
// to be so long from the start.
TEST_F(GoingBack, trains_a_finished_run_longer) {
  const Outcome resumed = grokscope({"resume", run});
  EXPECT_EQ(resumed.exit_code, 0);
  EXPECT_NE(resumed.err.find("grokscope fork " + run + " --at last --set train.steps=240 --out " +
                             at("run_longer.grok")),
            std::string::npos)
      << resumed.err;
  const Outcome longer = grokscope({"fork", run, "--at", "last", "--set", "train.steps=140",
                                    "--json", "--out", at("longer.grok")});
  ASSERT_EQ(longer.exit_code, 0) << longer.err;
  EXPECT_EQ(Json::parse(longer.out).at("forked_from").at("step"), 120);
  const Outcome whole =
      grokscope({"train", "quick", "--json", "--out", at("whole.grok"), "--set", "task.p=11",
                 "--set", "model.d_model=16", "--set", "model.d_head=4", "--set", "model.d_mlp=32",
                 "--set", "train.steps=140"});
  EXPECT_EQ(Json::parse(longer.out).at("weights_digest"),
            Json::parse(whole.out).at("weights_digest"));
}

TEST_F(GoingBack, says_how_a_run_that_its_rule_ended_goes_on) {
  const Outcome o = grokscope(
      {"train", "quick", "--out", at("ruled.grok"), "--set", "train.stop_when=train_loss < 1000"});
  ASSERT_EQ(o.exit_code, 0) << o.err;
  const Outcome resumed = grokscope({"resume", at("ruled.grok")});
  EXPECT_NE(resumed.err.find("--at last --set 'train.stop_when=\"\"' --out "), std::string::npos)
      << resumed.err;
}

TEST_F(GoingBack, says_what_cannot_be) {
  expect_failure(grokscope({"replay", at("none.grok")}), 3, "none.grok");
  expect_failure(grokscope({"replay", run, "--to", "900"}), 2, "the run has steps 0 to 120");
  expect_failure(grokscope({"replay", run, "--probe", "ginny"}), 2, "no probe named ginny");
  expect_failure(grokscope({"replay", run, "--every", "0"}), 2, "--every");
  expect_failure(grokscope({"replay", run, "--every", "5"}), 2, "--every goes with --probe");
  expect_failure(grokscope({"fork", run, "--at", "130", "--out", at("f.grok")}), 2,
                 "the run has steps 0 to 120");
  expect_failure(grokscope({"fork", run, "--at", "120", "--out", at("f.grok")}), 2, "train.steps");
  expect_failure(grokscope({"fork", run, "--at", "10"}), 2, "--out is required");
  expect_failure(grokscope({"fork", run, "--at", "soon", "--out", at("f.grok")}), 2,
                 "expected a step (0, 1, 2, ...) or \"last\"");
  expect_failure(grokscope({"fork", run, "--at", "10", "--out", at("f.grok"), "--edit", "melt"}), 2,
                 "unknown edit \"melt\"");
  expect_failure(grokscope({"fork", at("none.grok"), "--at", "1", "--out", at("f.grok")}), 3,
                 "none.grok");
  expect_failure(grokscope({"fork", run, "--at", "10", "--out", run}), 2, "holds a run of another");
  expect_failure(grokscope({"compare", run, at("none.grok")}), 3, "none.grok");
  expect_failure(grokscope({"compare", run, run, "--metric", "x"}), 2, "neither run has a metric");
  EXPECT_FALSE(std::filesystem::exists(at("f.grok")));
}

// The state of step 100 put down as that of step 50, all checksums in order.
TEST_F(GoingBack, stops_at_the_first_keyframe_that_is_not_what_is_computed) {
  Database(run, Database::Mode::read_write).execute("DELETE FROM keyframe WHERE step = 50");
  {
    RunFile file = RunFile::open(run, Access::read_write);
    file.commit({.step = 50, .keyframe = file.keyframe(100).tensors});
  }
  const Outcome o = grokscope({"replay", run});
  EXPECT_EQ(o.exit_code, 3);
  EXPECT_NE(o.err.find("the keyframe at step 50 is not what this program computes: weights.embed"),
            std::string::npos)
      << o.err;
}

TEST_F(GoingBack, lists_the_edits) {
  const Outcome o = grokscope({"list", "edits", "--json"});
  const Json edits = Json::parse(o.out);
  EXPECT_EQ(edits[0]["name"], "remove_frequency");
  EXPECT_EQ(edits[0]["settings"][0]["name"], "frequency");
}

}  // namespace
}  // namespace grok::testing
