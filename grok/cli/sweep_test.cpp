// Sweeps through the program itself: what the user types, what the signals do, what comes out.

#include <chrono>
#include <csignal>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "grok/cli/program.h"
#include "grok/cli/sweep_text.h"
#include "tests/support/temporary_directory.h"

namespace grok::testing {
namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

const Words tiny{"--set", "task.p=11",          "--set", "model.d_model=16",
                 "--set", "model.d_head=4",     "--set", "model.d_mlp=32",
                 "--set", "train.steps=30",     "--set", "record.every=30",
                 "--set", "record.probes=none", "--set", "record.log_points_per_octave=0"};

class SweepCommand : public ::testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  Words sweep(const Words& more, const std::string& out = "out") const {
    return with(with({"sweep", "quick", "--out", path(out)}, tiny), more);
  }
  TemporaryDirectory folder_;
};

TEST_F(SweepCommand, makes_the_bits_of_train_and_prints_its_table_as_json) {
  const Outcome o = grokscope(sweep({"--grid", "optim.lr=1e-2,3e-3", "--seeds", "0:1", "--json"}));
  ASSERT_EQ(o.exit_code, 0) << o.err;
  EXPECT_EQ(o.err, "");
  const Json rows = Json::parse(o.out);
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[3].at("name"), "lr=0.003,seed=1");
  EXPECT_EQ(rows[3].at("optim.lr"), 0.003);
  const Outcome train = grokscope(with({"train", "quick", "--json", "--out", path("a.grok"),
                                        "--set", "optim.lr=3e-3", "--set", "train.seed=1"},
                                       tiny));
  const Json alone = Json::parse(train.out);
  EXPECT_EQ(rows[3].at("weights_digest"), alone.at("weights_digest"));
  EXPECT_EQ(rows[3].at("spec_digest"), alone.at("spec_digest"));
  EXPECT_EQ(rows[3].at("test_loss"), alone.at("final").at("test_loss"));
  EXPECT_TRUE(rows[3].at("seconds").is_number());
}

TEST_F(SweepCommand, says_what_is_to_come_what_has_come_and_what_it_came_to) {
  const Outcome o = grokscope(sweep({"--seeds", "2:4", "--jobs", "2"}));
  EXPECT_EQ(o.exit_code, 0);
  EXPECT_EQ(o.err.find("3 runs into " + path("out") + ", 2 at once\n"), 0u) << o.err;
  EXPECT_NE(o.err.find("3 of 3  "), std::string::npos) << o.err;
  EXPECT_EQ(o.err.find('\r'), std::string::npos) << "drawn where there is no terminal";
  for (const char* word : {"seed=2", "seed=3", "seed=4", "of 3 grokked", "sweep.csv"})
    EXPECT_NE(o.out.find(word), std::string::npos) << word;
}

TEST_F(SweepCommand, goes_on_past_a_run_that_fails_and_says_so_at_the_end) {
  std::filesystem::create_directory(path("out"));
  write_text(path("out/seed=1.grok"), "no run at all");
  const Outcome o = grokscope(sweep({"--seeds", "0:2", "--json"}));
  EXPECT_EQ(o.exit_code, 1);
  EXPECT_NE(o.err.find("1 of 3 runs failed"), std::string::npos) << o.err;
  const Json rows = Json::parse(o.out);
  EXPECT_EQ(rows[1].at("ending"), "failed");
  EXPECT_NE(rows[1].at("error").get<std::string>().find("seed=1.grok"), std::string::npos);
  for (const std::size_t i : {0u, 2u}) EXPECT_EQ(rows[i].at("ending"), "done") << rows[i];
}

TEST_F(SweepCommand, refuses_mistakes_of_single_values_and_of_combinations_alike) {
  const auto refuses = [&](const Words& more, const char* words) {
    const Outcome o = grokscope(sweep(more));
    EXPECT_EQ(o.exit_code, 2) << o.err;
    EXPECT_NE(o.err.find(words), std::string::npos) << o.err;
    EXPECT_FALSE(std::filesystem::exists(path("out"))) << words;
  };
  refuses({"--grid", R"(train.stop_when="test_loss < 1/2","test_loss < 0.5")"},
          "train.stop_when: expected METRIC");
  refuses({"--grid", "task.train_fraction=0.001,0.6", "--seeds", "0:1"}, "leaves no example");
  refuses({"--grid", "train.batch=8,1000"}, "batch=1000: train.batch: expected at most");
}

TEST_F(SweepCommand, never_writes_over_what_another_sweep_has_found) {
  ASSERT_EQ(grokscope(sweep({"--seeds", "0:1"})).exit_code, 0);
  const std::string table = read_text(path("out/sweep.csv"));
  const Outcome other = grokscope(sweep({"--seeds", "0:1", "--set", "optim.weight_decay=0.5"}));
  EXPECT_EQ(other.exit_code, 2);
  for (const char* words : {"seed=0.grok", "optim.weight_decay is 1.5 there and 0.5 here"})
    EXPECT_NE(other.err.find(words), std::string::npos) << other.err;
  EXPECT_EQ(read_text(path("out/sweep.csv")), table);
  ASSERT_EQ(grokscope(sweep({"--seeds", "2:2"})).exit_code, 0);
  EXPECT_TRUE(read_text(path("out/sweep.csv")).ends_with(table.substr(table.find('\n') + 1)));
}

TEST_F(SweepCommand, takes_a_divergence_for_an_ending) {
  const Outcome o = grokscope(sweep({"--grid", "optim.lr=1e-3,1e30", "--json"}));
  EXPECT_EQ(o.exit_code, 0) << o.err;
  EXPECT_EQ(Json::parse(o.out)[1].at("ending"), "diverged");
}

TEST_F(SweepCommand, names_every_mistake_before_anything_is_made) {
  const Outcome o =
      grokscope(sweep({"--grid", "optim.lr=fast", "--grid", "optim.betta=1", "--seeds", "9:0"}));
  EXPECT_EQ(o.exit_code, 2);
  for (const char* word : {"--grid optim.lr=fast: optim.lr", "optim.betta", "--seeds 9:0"})
    EXPECT_NE(o.err.find(word), std::string::npos) << word << "\n" << o.err;
  EXPECT_FALSE(std::filesystem::exists(path("out")));
  EXPECT_EQ(grokscope({"sweep", "quick"}).exit_code, 2);
  EXPECT_EQ(grokscope(sweep({"--jobs", "0"})).exit_code, 2);
  EXPECT_EQ(grokscope(sweep({"--grid", "task.p=11,13"})).exit_code, 2) << "--set has task.p too";
}

// A row of a run that grokked at the step, or at 0 of one that did not.
SweepRow row_of(std::int64_t grok_step) {
  SweepRow row;
  row.ending = "done";
  row.steps = 10'000;
  if (grok_step > 0) row.grok_step = grok_step;
  return row;
}

// What is said behind the rows of runs with two values of a key, each with so many seeds.
std::string said_of(std::size_t n_seeds, const std::vector<std::int64_t>& grok_steps) {
  SweepPlan plan{.keys = {"optim.weight_decay", "train.seed"}, .runs = {}, .warning = ""};
  std::vector<SweepRow> rows;
  for (std::size_t i = 0; i < grok_steps.size(); ++i) {
    const Value decay = i < n_seeds ? 0.5 : 1.5;
    const Value seed = static_cast<std::int64_t>(i % n_seeds);
    plan.runs.push_back({.name = "a run", .values = {decay, seed}, .spec = {}, .spec_digest = ""});
    rows.push_back(row_of(grok_steps[i]));
  }
  const std::string text = cli::sweep_text(plan, rows);
  return text.substr(text.find("\n\n") + 2);
}

TEST(SweepText, has_a_median_for_each_setting_of_the_grid) {
  EXPECT_EQ(said_of(3, {5100, 8700, 0, 1200, 1000, 5300}),
            "weight_decay=0.5  2 of 3 grokked, at steps 5,100 to 8,700, median 8,700 [-, ...]\n"
            "weight_decay=1.5  3 of 3 grokked, at steps 1,000 to 5,300, median 1,200 [-, ...]\n");
}

TEST(SweepText, has_no_median_of_runs_of_which_each_has_another_setting) {
  EXPECT_EQ(said_of(1, {5100, 1200}), "2 of 2 grokked, at steps 1,200 to 5,100\n");
}

TEST(SweepText, has_one_median_of_seeds_alone) {
  EXPECT_EQ(said_of(3, {5100, 8700, 0}),
            "2 of 3 grokked, at steps 5,100 to 8,700, median 8,700 [-, ...]\n");
}

class InterruptedSweep : public SweepCommand, public ::testing::WithParamInterface<int> {};

TEST_P(InterruptedSweep, is_as_if_it_had_not_been) {
  const Words command{
      "--seeds", "0:3", "--jobs", "2", "--set", "train.steps=600", "--set", "train.stop_when=''",
      "--json"};
  const auto digests = [](const Outcome& o) {
    std::vector<std::string> out;
    for (const Json& row : Json::parse(o.out)) out.push_back(row.at("weights_digest"));
    return out;
  };
  const Outcome whole = grokscope(sweep(command, "whole"));
  ASSERT_EQ(whole.exit_code, 0) << whole.err;

  Running running(sweep(command, "broken"));
  const std::string second = path("broken/seed=1.grok");
  for (int i = 0; i < 10'000 && !std::filesystem::exists(second); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  running.signal(GetParam());
  const Outcome broken = running.finish();
  EXPECT_EQ(broken.exit_code, GetParam() == SIGKILL ? 128 + SIGKILL : 1) << broken.err;
  if (GetParam() == SIGINT) {
    EXPECT_NE(broken.err.find("Go on with the same command"), std::string::npos) << broken.err;
    EXPECT_EQ(Json::parse(broken.out)[0].at("ending"), "interrupted");
    EXPECT_TRUE(Json::parse(broken.out)[3].at("ending").is_null());
  }

  const Outcome resumed = grokscope(sweep(command, "broken"));
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(digests(resumed), digests(whole));
}

INSTANTIATE_TEST_SUITE_P(by, InterruptedSweep, ::testing::Values(SIGINT, SIGKILL),
                         [](const auto& signal) {
                           return signal.param == SIGINT ? "ctrl_c" : "kill_9";
                         });

}  // namespace
}  // namespace grok::testing
