// What the commands do, through the program itself.

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "grok/cli/program.h"
#include "grok/store/run_file.h"
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
  for (const char* word : {"Settings", "modular_addition: p=11, train_fraction=0.8",
                           "adamw: lr=0.003", "What happened", "train", "test", "final weights"})
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

// A line for each number, in the order of the steps and row-major within one.
TEST_F(Commands, array_metrics_leave_as_csv) {
  const std::string file = path("arrays.grok"), csv = path("array.csv");
  {
    RunFile run = RunFile::create(file, "{}", "digest", "{}");
    const auto table = [](double first) {
      DoubleTensor out(Shape{2, 3});
      for (std::size_t i = 0; i < 6; ++i) out.data[i] = first + static_cast<double>(i);
      return out;
    };
    run.commit({.step = 0, .arrays = {{"table", table(0.5)}, {"alone", DoubleTensor(Shape{})}}});
    run.commit({.step = 20, .arrays = {{"table", table(-1)}}, .is_replayed = true});
    run.close();
  }
  const Outcome o = grokscope({"export", file, "--array", "table", "--out", csv});
  ASSERT_EQ(o.exit_code, 0) << o.err;
  EXPECT_NE(o.err.find("wrote 12 rows to "), std::string::npos) << o.err;
  EXPECT_EQ(read_text(csv),
            "step,i0,i1,value\n"
            "0,0,0,0.5\n0,0,1,1.5\n0,0,2,2.5\n0,1,0,3.5\n0,1,1,4.5\n0,1,2,5.5\n"
            "20,0,0,-1\n20,0,1,0\n20,0,2,1\n20,1,0,2\n20,1,1,3\n20,1,2,4\n");
  ASSERT_EQ(grokscope({"export", file, "--array", "alone", "--out", csv}).exit_code, 0);
  EXPECT_EQ(read_text(csv), "step,value\n0,0\n");
}

TEST_F(Commands, export_says_which_arrays_there_are) {
  const std::string file = trained();
  const Outcome metrics = grokscope({"export", file, "--metrics", "--out", path("metrics.csv")});
  EXPECT_NE(metrics.err.find("array metrics are not in it ("), std::string::npos) << metrics.err;
  EXPECT_NE(metrics.err.find("embedding_spectrum"), std::string::npos) << metrics.err;
  const auto refused = [&](const std::string& name, const std::string& out) {
    const Outcome o = grokscope({"export", file, "--array", name, "--out", out});
    EXPECT_EQ(o.exit_code, 2) << o.err;
    return o.err;
  };
  const std::string csv = path("array.csv");
  const std::string unknown = refused("embeding_spectrum", csv);
  EXPECT_NE(unknown.find("did you mean embedding_spectrum?; known: "), std::string::npos)
      << unknown;
  EXPECT_NE(refused("train_loss", csv).find("no array: export --metrics has it"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(csv));
  EXPECT_NE(refused("embedding_spectrum", file).find("holds a run"), std::string::npos);
  EXPECT_EQ(grokscope({"export", file, "--array", "embedding_spectrum", "--metrics", "--out", csv})
                .exit_code,
            2);
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
  for (const char* what : {"tasks", "models", "losses", "optim", "train", "record", "probes",
                           "presets", "ops", "passes"}) {
    const Outcome text = grokscope({"list", what});
    EXPECT_EQ(text.exit_code, 0) << what << text.err;
    EXPECT_FALSE(Json::parse(grokscope({"list", what, "--json"}).out).empty()) << what;
  }
  EXPECT_NE(grokscope({"list", "presets"}).out.find("nanda-mainline"), std::string::npos);
}

// What is listed of one of them; of a preset, a spec that is the same when it is read again.
TEST_F(Commands, list_tells_all_of_one) {
  const Outcome preset = grokscope({"list", "presets", "nanda-no-wd"});
  ASSERT_EQ(preset.exit_code, 0) << preset.err;
  for (const char* said : {"# ", "[task]\n", "\nweight_decay = 0.0\n", "\nkeyframe_every = "})
    EXPECT_NE(preset.out.find(said), std::string::npos) << said << preset.out;
  std::ofstream(path("same.toml")) << preset.out;
  const auto spec_of = [](const std::string& spec) {
    return Json::parse(grokscope({"list", "presets", spec, "--json"}).out).at("spec");
  };
  EXPECT_EQ(spec_of(path("same.toml")), spec_of("nanda-no-wd"));
  const std::string probe = grokscope({"list", "probes", "excluded_loss"}).out;
  EXPECT_NE(probe.find("source: Nanda et al. 2023"), std::string::npos) << probe;
  EXPECT_EQ(probe.find("gini"), std::string::npos) << probe;
  const std::string record = grokscope({"list", "record"}).out;
  for (const char* said : {"log_points_per_octave", "keyframe_every", "one of \"log\", \"every\""})
    EXPECT_NE(record.find(said), std::string::npos) << said << record;
  const std::string steps = grokscope({"list", "train", "steps"}).out;
  EXPECT_NE(steps.find("required; an integer from 1"), std::string::npos) << steps;
  EXPECT_EQ(steps.find("stop_when"), std::string::npos) << steps;
  EXPECT_EQ(Json::parse(grokscope({"list", "train", "--json"}).out)[0].at("name"), "steps");
}

std::string text_in(const std::string& file) {
  std::ostringstream out;
  out << std::ifstream(file).rdbuf();
  return out.str();
}

TEST_F(Commands, progress_says_nothing_of_a_test_split_that_is_empty) {
  const auto lines_with = [&](const char* fraction, const char* file) {
    return grokscope(with(with({"train", "quick"}, tiny), {"--set", fraction, "--out", path(file)}))
        .err;
  };
  const std::string some = lines_with("task.train_fraction=0.5", "some.grok");
  EXPECT_NE(some.find("  test "), std::string::npos) << some;
  const std::string none = lines_with("task.train_fraction=1", "none.grok");
  EXPECT_NE(none.find("  train "), std::string::npos) << none;
  EXPECT_EQ(none.find("  test "), std::string::npos) << none;
}

// All tables [[expect]] and [[study]] of the presets are read, and the studies' runs laid out.
TEST_F(Commands, reproduce_knows_what_every_preset_should_come_to) {
  const std::vector<std::string> words{"reproduce",  "--no-run", "--out",
                                       path("none"), "--page",   path("all.md")};
  const Outcome all = grokscope(words);
  EXPECT_EQ(all.exit_code, 0) << all.err;
  const std::string page = text_in(path("all.md"));
  for (const char* said : {"## train-on-excluded", "| 0 of 20 |", "## nanda-no-wd", "| not run |"})
    EXPECT_NE(page.find(said), std::string::npos) << said;
  EXPECT_EQ(grokscope(with(words, {"--check"})).exit_code, 1) << "nothing has been run";
  EXPECT_EQ(grokscope({"reproduce", "quick", "--out", path("none")}).exit_code, 2);
}

// A preset with a figure and a study of its own, as far as a few steps bring it.
TEST_F(Commands, reproduce_runs_a_preset_and_its_study_and_judges) {
  std::filesystem::copy_file(std::string(GROKSCOPE_SPECS) + "/quick.toml", path("quick.toml"));
  std::ofstream(path("small.toml"))
      << "# A small one.\nextends = \"quick\"\n[task]\np = 11\n[train]\nsteps = 20\n"
         "stop_when = \"\"\n[record]\nevery = 5\nprobes = [\"weight_norms\"]\n"
         "[[expect]]\nleast = \"train_loss\"\npublished = 1\nwithin = [0, 2.39]\nsource = \"us\"\n"
         "[[study]]\nquestion = \"Slower?\"\nevent = \"train_loss < 2.39\"\nseeds = \"0:1\"\n"
         "changed = [\"optim.lr=1e-6\"]\n";
  const std::vector<std::string> words{"reproduce", "small", "--out",  path("out"),
                                       "--threads", "1",     "--check"};
  const Outcome o = grokscope(words, {"GROKSCOPE_SPECS=" + folder_.path().string()});
  EXPECT_EQ(o.exit_code, 0) << o.out << o.err;
  for (const char* said : {"reproduced", "Slower?", "optim.lr=1e-6", "2 seeds, 2 had it",
                           "2 seeds, 0 had it", "log-rank p"})
    EXPECT_NE(o.out.find(said), std::string::npos) << said << '\n' << o.out;
  // What is there is looked at, not run again.
  const Outcome again =
      grokscope(with(words, {"--no-run"}), {"GROKSCOPE_SPECS=" + folder_.path().string()});
  EXPECT_EQ(again.out, o.out);
  // A page tells of all presets; the table and the verdict are of those that were named.
  const Outcome paged = grokscope(with(words, {"--no-run", "--page", path("one.md")}),
                                  {"GROKSCOPE_SPECS=" + folder_.path().string()});
  EXPECT_EQ(paged.exit_code, 0) << paged.out << paged.err;
  EXPECT_EQ(paged.out, o.out);
  EXPECT_NE(text_in(path("one.md")).find("## nanda-no-wd"), std::string::npos);
  EXPECT_EQ(grokscope(with(words, {"--no-run", "--page", path("out/small.grok")})).exit_code, 2)
      << "a run is no page";
  // A page may be written on several machines in turn, each with runs of its own.
  const auto page_with = [&](const char* folder) {
    const Outcome made =
        grokscope({"reproduce", "--no-run", "--out", path(folder), "--page", path("all.md")},
                  {"GROKSCOPE_SPECS=" + folder_.path().string()});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    return text_in(path("all.md"));
  };
  EXPECT_NE(page_with("nowhere").find(" 0 of "), std::string::npos);
  const std::string page = page_with("out");
  EXPECT_NE(page.find(" 1 of "), std::string::npos) << page;
  EXPECT_NE(page.find("| reproduced |"), std::string::npos) << page;
  EXPECT_EQ(page_with("nowhere"), page);
  std::ofstream(path("small.toml"), std::ios::app)
      << "[[expect]]\nmost = \"train_loss\"\npublished = 3\nwithin = [0, 9]\nsource = \"us\"\n";
  const std::string asks_more = page_with("nowhere");
  EXPECT_NE(asks_more.find(" 0 of "), std::string::npos) << asks_more;
  EXPECT_EQ(asks_more.find("| reproduced |"), std::string::npos) << asks_more;
  // One that cannot be run does not keep the others from it.
  std::filesystem::copy_file(path("small.toml"), path("other.toml"));
  std::ofstream(path("out/small.grok")) << "torn";
  const Outcome both = grokscope({"reproduce", "small", "other", "--out", path("out")},
                                 {"GROKSCOPE_SPECS=" + folder_.path().string()});
  EXPECT_EQ(both.exit_code, 3) << both.err;
  EXPECT_NE(both.err.find("reproduce: not run: small"), std::string::npos) << both.err;
  EXPECT_NE(both.err.find("out/small.grok: "), std::string::npos) << both.err;
  EXPECT_NE(both.out.find("reproduced"), std::string::npos) << both.out;
}

TEST_F(Commands, reproduce_keeps_the_runs_of_a_spec_that_is_a_file_in_its_own_folder) {
  const std::filesystem::path specs = folder_.path() / "specs";
  std::filesystem::create_directory(specs);
  std::ofstream(specs / "study.toml")
      << "# A small one.\nextends = \"quick\"\n[task]\np = 11\n[train]\nsteps = 2\n"
         "stop_when = \"\"\n[record]\nprobes = [\"weight_norms\"]\n"
         "[[expect]]\nleast = \"train_loss\"\npublished = 1\nwithin = [0, 9]\nsource = \"us\"\n"
         "[[study]]\nquestion = \"Slower?\"\nevent = \"train_loss < 9\"\nseeds = \"0:1\"\n"
         "changed = [\"optim.lr=1e-6\"]\n";
  const std::string spec = (specs / "study.toml").string();
  const Outcome o = grokscope({"reproduce", spec, "--out", path("out"), "--check"});
  EXPECT_EQ(o.exit_code, 0) << o.out << o.err;
  EXPECT_TRUE(std::filesystem::exists(path("out/study.grok")));
  EXPECT_TRUE(std::filesystem::is_directory(path("out/study")));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(specs), {}), 1)
      << "something was written beside the spec";
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
