// Wrong use: each mistake gets one clear message on standard error, the right exit code, and loses
// nothing.

#include <algorithm>

#include <gtest/gtest.h>

#include "grok/cli/program.h"
#include "tests/support/temporary_directory.h"

namespace grok::testing {
namespace {

void expect_refused(const std::vector<std::string>& arguments, int code,
                    const std::vector<std::string>& words) {
  const Outcome o = grokscope(arguments);
  std::string line;
  for (const std::string& a : arguments) line += a + " ";
  SCOPED_TRACE(line + "\n" + o.err);
  EXPECT_EQ(o.exit_code, code);
  EXPECT_EQ(o.out, "");
  for (const std::string& word : words) EXPECT_NE(o.err.find(word), std::string::npos) << word;
}

TEST(Usage, a_spec_with_five_mistakes_names_all_five_with_their_lines) {
  const TemporaryDirectory folder;
  const std::string spec = (folder.path() / "bad.toml").string();
  write_text(spec, R"([task]
name = "modular_addition"
p = 1
train_fraction = 1.5
[model]
name = "transformer"
d_modle = 64
[loss]
name = "cross_entropi"
[optim]
name = "adamw"
lr = "1e-3"
[train]
steps = 10
)");
  expect_refused({"train", spec}, 2,
                 {"bad.toml:3: task.p", "bad.toml:4: task.train_fraction",
                  "bad.toml:7: model.d_modle", "did you mean d_model", "bad.toml:9: loss.name",
                  "cross_entropy", "bad.toml:12: optim.lr", "a string"});
}

TEST(Usage, values_out_of_range_say_what_is_expected) {
  expect_refused({"train", "quick", "--set", "task.p=1"}, 2, {"task.p", "1"});
  expect_refused({"train", "quick", "--set", "task.train_fraction=0"}, 2, {"train_fraction", "0"});
  expect_refused({"train", "quick", "--set", "task.train_fraction=1.5"}, 2,
                 {"train_fraction", "1.5"});
  expect_refused({"train", "quick", "--set", "optim.lr=nan"}, 2, {"optim.lr", "nan"});
  expect_refused({"train", "quick", "--set", "optim.lr"}, 2, {"optim.lr"});
}

TEST(Usage, unknown_names_are_answered_with_the_known_ones) {
  expect_refused({"train", "quik"}, 2, {"quik", "quick"});
  expect_refused({"train", "quick.tom"}, 2, {"did you mean the preset quick?"});
  expect_refused({"train", "quick.grok"}, 2,
                 {"run file", "did you mean grokscope resume quick.grok"});
  expect_refused({"dance"}, 2, {"dance"});
  expect_refused({}, 2, {"subcommand"});
  expect_refused({"list", "planets"}, 2, {"planets", "tasks"});
  expect_refused({"list", "probes", "ginni"}, 2, {"nothing named \"ginni\"", "did you mean gini?"});
  expect_refused({"list", "presets", "quik"}, 2, {"did you mean quick?"});
  expect_refused({"explain", "quick", "--passes", "magic"}, 2, {"magic", "unique_rows"});
  expect_refused({"explain", "quick", "--passes", "dead_nodes,none"}, 2, {"none", "alone"});
  expect_refused({"explain", "quick", "--passes", ""}, 2, {"\"\"", "unique_rows"});
  expect_refused({"train", "quick", "--set", "record.probes=[ginny]"}, 2, {"ginny", "gini"});
  expect_refused({"trian"}, 2, {"did you mean train"});
  expect_refused({"train", "quick", "--treads", "2"}, 2, {"--treads"});
  expect_refused({"train", "quick", "--threads", "0"}, 2, {"--threads"});
  expect_refused({"train", "quick", "--set", "train.stop_when=tset_loss < 1"}, 2, {"test_loss"});
  expect_refused({"show", "nowhere.grok"}, 3, {"nowhere.grok"});
}

TEST(Usage, a_folder_of_presets_that_has_none_is_named_with_its_variable) {
  const TemporaryDirectory folder;
  const auto said = [](const std::string& specs, const std::vector<std::string>& arguments) {
    const Outcome o = grokscope(arguments, {"GROKSCOPE_SPECS=" + specs});
    EXPECT_EQ(o.exit_code, 2) << o.err;
    EXPECT_EQ(o.out, "");
    return o.err;
  };
  const std::string empty = folder.path().string();
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"list", "presets"}, {"train", "quick"}}) {
    EXPECT_NE(
        said("/no/where", arguments)
            .find("GROKSCOPE_SPECS names the folder of presets /no/where, which is no folder"),
        std::string::npos);
    EXPECT_NE(said(empty, arguments).find(empty + ", which has no .toml file"), std::string::npos);
  }
}

TEST(Usage, probe_takes_a_run_or_weights_with_their_spec_and_knows_its_probes) {
  const TemporaryDirectory folder;
  const std::string file = (folder.path() / "a.grok").string();
  ASSERT_EQ(grokscope({"train", "quick", "--out", file, "--set", "train.steps=2"}).exit_code, 0);
  expect_refused({"probe", file, "--probe", "ginny"}, 2, {"ginny", "gini"});
  expect_refused({"probe", file, "--steps", "7"}, 2, {"no step 7; the run has steps 0 to 2"});
  expect_refused({"probe", file, "--steps", "soon"}, 2, {"soon"});
  expect_refused({"probe", file, "--weights", "w.safetensors"}, 2, {"either"});
  expect_refused({"probe"}, 2, {"either"});
  expect_refused({"probe", "--weights", "w.safetensors"}, 3, {"w.safetensors"});
  expect_refused({"probe", "--weights", "w.safetensors", "--spec", "quick"}, 3, {"w.safetensors"});
  expect_refused({"export", file, "--out", "m"}, 2, {"--metrics"});
  expect_refused({"export", file, "--weights", "last", "--out", "m", "--layout", "x"}, 2, {"x"});
}

TEST(Usage, a_place_that_cannot_be_written_is_said_before_training) {
  expect_refused({"train", "quick", "--out", "/nowhere/at/all/a.grok"}, 2, {"/nowhere/at/all"});
  expect_refused({"train", "quick", "--out", "/proc/a.grok"}, 2, {"/proc/a.grok"});
  const TemporaryDirectory folder;
  expect_refused({"train", "quick", "--out", folder.path().string()}, 1, {folder.path().string()});
}

TEST(Usage, a_run_gets_a_name_by_which_its_folder_is_known_to_hold_it) {
  const TemporaryDirectory folder;
  const auto at = [&](const char* name) { return (folder.path() / name).string(); };
  const std::vector<std::string> train{"train", "quick", "--set", "train.steps=2", "--out"};
  const auto train_into = [&](const std::string& file) {
    std::vector<std::string> words = train;
    words.push_back(file);
    return words;
  };
  expect_refused(train_into(at("a")), 2, {"--out " + at("a") + ":", "mean " + at("a.grok") + "?"});
  expect_refused(train_into(at("b.GROK")), 2, {"mean " + at("b.grok") + "?"});
  expect_refused(train_into(at("c.1.5")), 2, {"mean " + at("c.1.5.grok") + "?"});
  EXPECT_EQ(folder.n_files(), 0u);
  ASSERT_EQ(grokscope(train_into(at("a.grok"))).exit_code, 0);
  expect_refused({"fork", at("a.grok"), "--at", "1", "--out", at("d")}, 2,
                 {"mean " + at("d.grok") + "?"});
  // One that is there already may be called anything.
  std::filesystem::rename(at("a.grok"), at("a"));
  EXPECT_EQ(grokscope(train_into(at("a"))).exit_code, 0);
  EXPECT_EQ(grokscope({"show", at("a")}).exit_code, 0);
  EXPECT_EQ(grokscope({"resume", at("a")}).exit_code, 0);
  EXPECT_EQ(folder.n_files(), 1u);
}

TEST(Usage, a_run_of_another_spec_is_never_overwritten) {
  const TemporaryDirectory folder;
  const std::string file = (folder.path() / "a.grok").string();
  const std::vector<std::string> train{"train", "quick", "--out", file, "--set", "train.steps=20"};
  ASSERT_EQ(grokscope(train).exit_code, 0);
  const std::string before = grokscope({"show", file, "--json"}).out;
  std::vector<std::string> other = train;
  other.insert(other.end(), {"--set", "train.seed=5"});
  expect_refused(other, 2, {file, "spec: train.seed is 0 there and 5 here, ", "--out"});
  EXPECT_EQ(grokscope({"show", file, "--json"}).out, before);
}

}  // namespace
}  // namespace grok::testing
