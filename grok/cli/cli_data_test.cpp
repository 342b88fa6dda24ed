// A run is bound to the data that it was begun on: the user's texts, and those of exported weights.

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "grok/cli/program.h"
#include "grok/store/safetensors.h"
#include "tests/support/temporary_directory.h"

namespace grok::testing {
namespace {

using Json = nlohmann::json;

class DataOfARun : public ::testing::Test {
 protected:
  std::string path(const char* name) const { return (folder_.path() / name).string(); }
  void write(const char* name, const std::string& text) const { std::ofstream(path(name)) << text; }
  Outcome train_on_text(const char* run) const {
    return grokscope({"train",     "quick",
                      "--out",     path(run),
                      "--threads", "1",
                      "--set",     "task.name=text",
                      "--set",     "task.files=[\"" + path("t.txt") + "\"]",
                      "--set",     "model.d_model=8",
                      "--set",     "model.d_head=4",
                      "--set",     "model.d_mlp=8",
                      "--set",     "train.steps=8",
                      "--set",     "train.batch=4",
                      "--set",     "train.stop_when=\"\""});
  }
  static void expect_refused(const Outcome& o, const std::string& why) {
    EXPECT_NE(o.exit_code, 0);
    EXPECT_NE(o.err.find(why), std::string::npos) << o.err;
  }
  static std::string many(const std::string& text) {
    std::string out;
    for (int i = 0; i < 60; ++i) out += text;
    return out;
  }
  TemporaryDirectory folder_;
};

TEST_F(DataOfARun, is_the_text_that_it_was_begun_on) {
  write("t.txt", many("to be, or not to be. "));
  ASSERT_EQ(train_on_text("a.grok").exit_code, 0);
  ASSERT_EQ(grokscope({"probe", path("a.grok"), "--probe", "loss_and_accuracy"}).exit_code, 0);
  write("t.txt", many("that is the question. "));
  const std::string other = "is not the one that the spec means";
  expect_refused(grokscope({"probe", path("a.grok"), "--probe", "loss_and_accuracy"}), other);
  expect_refused(grokscope({"replay", path("a.grok")}), other);
  expect_refused(grokscope({"fork", path("a.grok"), "--at", "4", "--set", "optim.lr=0.1", "--out",
                            path("f.grok")}),
                 other);
  expect_refused(train_on_text("a.grok"), "another spec");
  ASSERT_EQ(train_on_text("b.grok").exit_code, 0);
  const auto digest_of = [&](const char* run) {
    return Json::parse(grokscope({"show", path(run), "--json"}).out).at("spec_digest");
  };
  EXPECT_NE(digest_of("a.grok"), digest_of("b.grok"));
}

TEST_F(DataOfARun, is_no_device) {
  expect_refused(grokscope({"train", "quick", "--out", path("a.grok"), "--set", "task.name=text",
                            "--set", "task.files=[\"/dev/zero\"]", "--set", "train.batch=4"}),
                 "a directory, or a device");
  EXPECT_FALSE(std::filesystem::exists(path("a.grok")));
}

// Another seed, another split.
TEST_F(DataOfARun, goes_with_exported_weights) {
  ASSERT_EQ(grokscope({"train", "quick", "--out", path("a.grok"), "--threads", "1", "--set",
                       "task.p=11", "--set", "train.seed=1", "--set", "train.steps=40"})
                .exit_code,
            0);
  ASSERT_EQ(
      grokscope({"export", path("a.grok"), "--weights", "last", "--out", path("w.safetensors")})
          .exit_code,
      0);
  const auto probe = [&](const std::vector<std::string>& words) {
    std::vector<std::string> all{"probe", "--probe", "loss_and_accuracy", "--json"};
    all.insert(all.end(), words.begin(), words.end());
    return grokscope(all);
  };
  const auto loss = [](const Outcome& o) {
    return Json::parse(o.out).at("steps").at(0).at("metrics").at("test_loss").get<double>();
  };
  const Outcome of_run = probe({path("a.grok")});
  const Outcome alone = probe({"--weights", path("w.safetensors")});
  ASSERT_EQ(alone.exit_code, 0) << alone.err;
  EXPECT_EQ(loss(alone), loss(of_run));
  const Outcome elsewhere =
      probe({"--weights", path("w.safetensors"), "--spec", "quick", "--set", "task.p=11"});
  EXPECT_NE(loss(elsewhere), loss(of_run));
  EXPECT_NE(elsewhere.err.find("was trained on other data"), std::string::npos) << elsewhere.err;
}

TEST_F(DataOfARun, is_asked_for_where_weights_from_elsewhere_do_not_say) {
  Weights weights;
  weights.add("embed.W_E", Tensor({2, 3}));
  write_safetensors(path("w.safetensors"), weights, {});
  expect_refused(grokscope({"probe", "--weights", path("w.safetensors")}),
                 "--weights needs --spec");
  write_safetensors(path("w.safetensors"), weights, {{"grokscope_spec", "{}"}});
  expect_refused(grokscope({"probe", "--weights", path("w.safetensors")}), "grokscope_spec: ");
}

TEST_F(DataOfARun, and_its_weights_must_fit_into_a_file) {
  for (const char* command : {"train", "explain"}) {
    std::vector<std::string> words{
        command, "quick", "--set", "model.d_model=20000", "--set", "model.n_layers=100"};
    if (words[0] == "train") words.insert(words.end(), {"--out", path("a.grok")});
    const Outcome o = grokscope(words);
    EXPECT_EQ(o.exit_code, 2) << command;
    EXPECT_NE(o.err.find("holds at most 1000 million in one piece"), std::string::npos) << o.err;
  }
  EXPECT_FALSE(std::filesystem::exists(path("a.grok")));
}

}  // namespace
}  // namespace grok::testing
