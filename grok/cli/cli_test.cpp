// What the commands do, through the program itself.

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "grok/cli/program.h"
#include "tests/support/temporary_directory.h"

namespace grok::testing {
namespace {

using Json = nlohmann::json;

const std::vector<std::string> tiny{"--set", "task.p=11",
                                    "--set", "model.d_model=16",
                                    "--set", "model.d_head=4",
                                    "--set", "model.d_mlp=32",
                                    "--set", "train.steps=60",
                                    "--set", "record.every=20",
                                    "--set", "task.train_fraction=0.8"};

std::vector<std::string> with(std::vector<std::string> words,
                              const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

class Commands : public ::testing::Test {
 protected:
  std::string path(const char* name) const { return (folder_.path() / name).string(); }
  std::string trained() {
    const std::string file = path("tiny.grok");
    const Outcome o = grokscope(with({"train", "quick", "--out", file, "--threads", "1"}, tiny));
    EXPECT_EQ(o.exit_code, 0) << o.err;
    return file;
  }
  TemporaryDirectory folder_;
};

TEST_F(Commands, train_prints_what_show_prints_again) {
  const std::string file = path("tiny.grok");
  const Outcome train = grokscope(with({"train", "quick", "--out", file, "--threads", "1"}, tiny));
  ASSERT_EQ(train.exit_code, 0) << train.err;
  const Outcome show = grokscope({"show", file});
  EXPECT_EQ(show.exit_code, 0);
  EXPECT_EQ(train.out, show.out);
  for (const char* word : {"What happened", "train", "test", "final weights"})
    EXPECT_NE(show.out.find(word), std::string::npos) << word;
}

// What an endless task cannot have is not asked for.
TEST_F(Commands, show_says_of_an_endless_task_what_it_can) {
  const std::string file = path("trigrams.grok");
  ASSERT_EQ(grokscope({"train", "skip-trigram-infinite", "--set", "train.steps=3", "--out", file})
                .exit_code,
            0);
  const std::string said = grokscope({"show", file}).out;
  for (const char* word : {"learnt", "not yet", "batch"})
    EXPECT_NE(said.find(word), std::string::npos) << word;
  for (const char* word : {"memorised", "grokked", "Key frequencies"})
    EXPECT_EQ(said.find(word), std::string::npos) << word;
}

TEST_F(Commands, show_json_has_what_programs_read) {
  const Outcome show = grokscope({"show", trained(), "--json"});
  const Json j = Json::parse(show.out);
  for (const char* key : {"spec_digest", "steps", "ending", "final", "memorized_step", "grok_step",
                          "phases", "key_frequencies", "weights_digest"})
    EXPECT_TRUE(j.contains(key)) << key;
  for (const char* key : {"train_loss", "test_loss", "train_accuracy", "test_accuracy"})
    EXPECT_TRUE(j.at("final").at(key).is_number()) << key;
  EXPECT_EQ(j.at("steps"), 60);
}

TEST_F(Commands, training_a_finished_run_again_changes_nothing) {
  const std::string file = trained();
  const std::string before = grokscope({"show", file, "--json"}).out;
  EXPECT_EQ(trained(), file);
  EXPECT_EQ(grokscope({"show", file, "--json"}).out, before);
}

TEST_F(Commands, metrics_leave_as_csv) {
  const std::string file = trained();
  const std::string csv = path("metrics.csv");
  ASSERT_EQ(grokscope({"export", file, "--metrics", "--out", csv}).exit_code, 0);
  std::ifstream in(csv);
  std::string line;
  std::getline(in, line);
  EXPECT_EQ(line, "step,name,value,replayed");
  int n_train_loss = 0;
  while (std::getline(in, line)) n_train_loss += line.find(",train_loss,") != std::string::npos;
  EXPECT_GT(n_train_loss, 5);
}

// Weights leave, come back as foreign weights, and measure the same.
TEST_F(Commands, weights_leave_and_are_measured_the_same_in_both_layouts) {
  const std::string file = trained();
  const Json own = Json::parse(grokscope({"show", file, "--json"}).out);
  for (const char* layout : {"transformer-lens", "progress-measures"}) {
    const std::string weights = path((std::string(layout) + ".safetensors").c_str());
    const Outcome exported =
        grokscope({"export", file, "--weights", "last", "--out", weights, "--layout", layout});
    ASSERT_EQ(exported.exit_code, 0) << exported.err;
    const Outcome probed =
        grokscope(with({"probe", "--weights", weights, "--spec", "quick", "--probe",
                        "loss_and_accuracy", "--json", "--layout", layout},
                       tiny));
    ASSERT_EQ(probed.exit_code, 0) << probed.err;
    const std::string loss = own.at("final").at("test_loss").dump();
    EXPECT_NE(probed.out.find(loss.substr(0, 12)), std::string::npos) << loss << "\n" << probed.out;
  }
}

TEST_F(Commands, lists_are_complete_and_readable_by_programs) {
  for (const char* what :
       {"tasks", "models", "losses", "optim", "probes", "presets", "ops", "passes"}) {
    const Outcome text = grokscope({"list", what});
    EXPECT_EQ(text.exit_code, 0) << what << text.err;
    EXPECT_FALSE(Json::parse(grokscope({"list", what, "--json"}).out).empty()) << what;
  }
  EXPECT_NE(grokscope({"list", "presets"}).out.find("nanda-mainline"), std::string::npos);
}

TEST_F(Commands, explain_tells_what_each_pass_saved) {
  const Outcome o = grokscope(with({"explain", "quick"}, tiny));
  ASSERT_EQ(o.exit_code, 0) << o.err;
  for (const char* word : {"dead_positions", "unique_rows", "matmul", "cross_entropy"})
    EXPECT_NE(o.out.find(word), std::string::npos) << word;
  const Outcome some = grokscope(with({"explain", "quick", "--passes", "dead_nodes"}, tiny));
  EXPECT_EQ(some.exit_code, 0);
  EXPECT_EQ(some.out.find("unique_rows "), std::string::npos);
}

TEST_F(Commands, explain_says_the_same_to_programs) {
  const Json all = Json::parse(grokscope(with({"explain", "quick", "--json"}, tiny)).out);
  for (const char* part : {"forward", "step"}) {
    Json before = all[part]["written"];
    for (const Json& pass : all[part]["passes"]) {
      for (const char* what : {"n_ops", "flops", "bytes"})
        EXPECT_EQ(pass["saved"][what],
                  before[what].get<double>() - pass["after"][what].get<double>())
            << part << " " << pass["name"] << " " << what;
      before = pass["after"];
    }
  }
  const Json none =
      Json::parse(grokscope(with({"explain", "quick", "--json", "--passes", "none"}, tiny)).out);
  EXPECT_TRUE(none["step"]["passes"].empty());
  EXPECT_EQ(none["step"]["written"], none["unoptimized_step"]);
  EXPECT_GT(none["program"].size(), all["program"].size() / 2);
}

TEST_F(Commands, every_command_has_help_with_an_example) {
  for (const char* name :
       {"train", "sweep", "resume", "show", "probe", "export", "list", "explain"}) {
    const Outcome o = grokscope({name, "--help"});
    EXPECT_EQ(o.exit_code, 0) << name;
    EXPECT_NE(o.out.find("Example"), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace grok::testing
