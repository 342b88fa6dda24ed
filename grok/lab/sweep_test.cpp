#include "grok/lab/sweep.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "grok/base/error.h"
#include "grok/lab/summary.h"
#include "grok/lab/sweep_table.h"
#include "grok/lab/testing.h"
#include "tests/support/expect_error.h"

namespace grok {
namespace {

using testing::tiny_request;
using testing::tiny_spec;

// Each record waits for the disk: few of them make a quick test.
const std::vector<std::string> brief{"train.steps=40", "record.every=20",
                                     "record.log_points_per_octave=0", "record.keyframes=ends"};

SweepPlan plan(const std::vector<std::string>& grid, const std::string& seeds = "",
               const std::vector<std::string>& more = {}) {
  SweepRequest request = tiny_request(grid, seeds);
  request.overrides = brief;
  request.overrides.insert(request.overrides.end(), more.begin(), more.end());
  return plan_sweep(request);
}

std::size_t n_lines(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

RunSummary summary_of(const std::filesystem::path& path) {
  return summarize(RunFile::open(path, Access::read));
}

// What must not depend on when, or with how many others, a run was made.
std::string table_without_seconds(const SweepPlan& plan, std::vector<SweepRow> rows) {
  for (SweepRow& row : rows) row.seconds = {};
  return sweep_csv(plan, rows);
}

std::vector<std::string> endings_of(const std::vector<SweepRow>& rows) {
  std::vector<std::string> out;
  for (const SweepRow& row : rows) out.push_back(row.ending);
  return out;
}

TEST(sweep, makes_the_runs_that_train_makes) {
  const TemporaryDirectory folder;
  const SweepPlan p = plan({"optim.lr=0.01,0.003"}, "0:1");
  const std::vector<SweepRow> rows = run_sweep(p, folder / "sweep", {.n_jobs = 2});
  std::vector<std::string> overrides = brief;
  overrides.insert(overrides.end(), {"optim.lr=0.003", "train.seed=1"});
  const RunSpec spec = tiny_spec(overrides);
  run(spec, folder / "alone.grok", {.n_threads = 2});
  const RunSummary alone = summary_of(folder / "alone.grok");
  const RunSummary swept = summary_of(folder / "sweep/lr=0.003,seed=1.grok");
  EXPECT_EQ(swept.spec_digest, alone.spec_digest);
  EXPECT_EQ(swept.weights_digest, alone.weights_digest);
  EXPECT_EQ(swept.final, alone.final);
  EXPECT_EQ(rows[3].weights_digest, alone.weights_digest);
  EXPECT_EQ(rows[3].test_loss, alone.final_metric("test_loss"));
  EXPECT_NE(rows[2].weights_digest, rows[3].weights_digest);
}

TEST(sweep, has_the_same_table_for_any_number_of_jobs) {
  const SweepPlan p = plan({"optim.lr=0.01,1e30,0.003"}, "0:1");
  std::string expected;
  for (const int n_jobs : {1, 2, 64}) {
    const TemporaryDirectory folder;
    const std::string found =
        table_without_seconds(p, run_sweep(p, folder.path(), {.n_jobs = n_jobs}));
    if (expected.empty()) expected = found;
    EXPECT_EQ(found, expected) << n_jobs << " jobs";
  }
}

TEST(sweep, keeps_its_table_beside_the_runs) {
  const TemporaryDirectory folder;
  const SweepPlan p = plan({"optim.lr=0.01"}, "0:1");
  const std::vector<SweepRow> rows = run_sweep(p, folder.path(), {.n_jobs = 2});
  EXPECT_EQ(read_text(folder / "sweep.csv"), sweep_csv(p, rows));
  EXPECT_EQ(folder.n_files(), 3u);  // no lock, no log
}

TEST(sweep, goes_on_past_runs_that_fail) {
  const TemporaryDirectory folder;
  const SweepPlan p = plan({"task.p=11,13,7"});
  write_text(folder / "p=13.grok", "no run at all");
  const std::vector<SweepRow> rows = run_sweep(p, folder.path(), {.n_jobs = 2});
  EXPECT_EQ(endings_of(rows), (std::vector<std::string>{"done", "failed", "done"}));
  EXPECT_NE(rows[1].error.find("p=13.grok"), std::string::npos) << rows[1].error;
  EXPECT_EQ(read_text(folder / "p=13.grok"), "no run at all");
}

TEST(sweep, refuses_a_folder_with_a_run_of_another_spec_and_touches_nothing) {
  const TemporaryDirectory folder;
  run_sweep(plan({}, "0:1"), folder.path(), {.n_jobs = 2});
  const std::string table = read_text(folder / "sweep.csv");
  const SweepPlan other = plan({}, "0:2", {"optim.lr=0.5"});
  EXPECT_TRUE(fails_with(ErrorCode::usage,
                         "seed=0.grok: holds a run of another spec: optim.lr is 0.01 there and 0.5",
                         [&] { run_sweep(other, folder.path(), {.n_jobs = 2}); }));
  EXPECT_EQ(read_text(folder / "sweep.csv"), table);
  EXPECT_EQ(folder.n_files(), 3u);
}

TEST(sweep, refuses_to_write_over_a_table_that_is_none_of_its_own) {
  for (const char* text : {"run,loss\na,1\n", "", "name,spec_digest,ending\na,b\n"}) {
    const TemporaryDirectory folder;
    write_text(folder / "sweep.csv", text);
    EXPECT_TRUE(fails_with(ErrorCode::usage, "sweep.csv: is no table of a sweep",
                           [&] { run_sweep(plan({}), folder.path(), {}); }));
    EXPECT_EQ(read_text(folder / "sweep.csv"), text);
    EXPECT_EQ(folder.n_files(), 1u);
  }
}

TEST(sweep, refuses_parts_that_do_not_fit_before_anything_is_made) {
  const TemporaryDirectory folder;
  const SweepPlan p = plan({"train.batch=8,1000"}, "0:3");
  try {
    run_sweep(p, folder / "sweep", {.n_jobs = 1});
    FAIL();
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_EQ(text.find("batch=1000,seed=0: train.batch: expected at most the "), 0u) << text;
    EXPECT_EQ(n_lines(text), 0u) << "a line for each seed: " << text;
  }
  EXPECT_EQ(folder.n_files(), 0u);
}

TEST(sweep, keeps_the_rows_of_earlier_sweeps_of_the_folder) {
  const TemporaryDirectory folder;
  const auto table = [&](const SweepPlan& p) {
    run_sweep(p, folder.path(), {.n_jobs = 2});
    return read_text(folder / "sweep.csv");
  };
  const std::string first = table(plan({}, "0:1"));
  const std::string rows = first.substr(first.find('\n') + 1);
  const std::string second = table(plan({}, "2:2"));
  EXPECT_TRUE(second.ends_with(rows)) << second;
  EXPECT_EQ(n_lines(second), 4u);
  const std::string third = table(plan({"optim.lr=0.003"}, "0:0"));
  const SweepTable read = read_sweep_csv(third, "third");
  ASSERT_EQ(read.rows.size(), 4u) << third;
  EXPECT_EQ(read.columns[2], "optim.lr");
  EXPECT_EQ(read.rows[0][0], "lr=0.003,seed=0");
  EXPECT_EQ(read.rows[0][2], "0.003");
  EXPECT_EQ(read.rows[2][0], "seed=0");
  EXPECT_EQ(read.rows[2][2], "") << "that table did not say it";
  EXPECT_EQ(read_sweep_csv(table(plan({}, "0:1")), "fourth").rows[0][2], "0.01");
  EXPECT_EQ(n_lines(read_text(folder / "sweep.csv")), 5u);
}

TEST(sweep, that_is_stopped_at_once_keeps_what_its_table_said) {
  const TemporaryDirectory folder;
  const SweepPlan p = plan({}, "0:1");
  run_sweep(p, folder.path(), {.n_jobs = 2});
  const std::string before = read_text(folder / "sweep.csv");
  const std::atomic<bool> stop = true;
  run_sweep(p, folder.path(), {1, nullptr, &stop});
  EXPECT_EQ(read_text(folder / "sweep.csv"), before);
}

TEST(sweep, counts_a_divergence_as_an_ending) {
  const TemporaryDirectory folder;
  const SweepPlan p = plan({"optim.lr=1e30,0.01"});
  const std::vector<SweepRow> rows = run_sweep(p, folder.path(), {.n_jobs = 1});
  EXPECT_EQ(endings_of(rows), (std::vector<std::string>{"diverged", "done"}));
  EXPECT_TRUE(rows[0].is_finished());
}

// Stops the sweep as Ctrl-C does, once so many runs have ended.
class StopAfter : public SweepObserver {
 public:
  explicit StopAfter(std::size_t n) : n_(n) {}
  void on_row(const SweepRun&, const SweepRow&, const SweepState& state) override {
    flag = flag || state.n_ended >= n_;
  }
  std::atomic<bool> flag = false;

 private:
  std::size_t n_;
};

TEST(sweep, that_was_interrupted_and_killed_becomes_the_one_that_was_not) {
  const TemporaryDirectory folder;
  const SweepPlan p = plan({"optim.lr=0.01,0.003"}, "0:2");
  const std::string expected =
      table_without_seconds(p, run_sweep(p, folder / "whole", {.n_jobs = 1}));

  StopAfter stopper(2);
  const std::vector<SweepRow> broken =
      run_sweep(p, folder / "broken", {1, &stopper, &stopper.flag});
  EXPECT_EQ(broken.back().ending, "") << "it was not stopped";
  {
    // As a kill leaves a run: records past its last keyframe, and no ending.
    const auto killed = folder / ("broken/" + p.runs[5].name + ".grok");
    testing::run_until(13, p.runs[5].spec, killed);
    Database(killed, Database::Mode::read_write)
        .execute("DELETE FROM keyframe WHERE step > 0; DELETE FROM event WHERE step > 0");
  }
  const auto before =
      std::filesystem::last_write_time(folder / ("broken/" + p.runs[0].name + ".grok"));
  EXPECT_EQ(table_without_seconds(p, run_sweep(p, folder / "broken", {.n_jobs = 2})), expected);
  EXPECT_EQ(std::filesystem::last_write_time(folder / ("broken/" + p.runs[0].name + ".grok")),
            before)
      << "a finished run was written to";
}

TEST(sweep, counts_every_step_and_leaves_none) {
  const TemporaryDirectory folder;
  class Last : public SweepObserver {
   public:
    void on_tick(const SweepState& s) override { state = s; }
    SweepState state;
  } observer;
  const SweepPlan p = plan({"optim.lr=0.01,1e30"}, "0:1");
  run_sweep(p, folder.path(), {2, &observer, nullptr});
  EXPECT_EQ(observer.state.n_ended, 4u);
  EXPECT_EQ(observer.state.n_running, 0u);
  EXPECT_GE(observer.state.steps_done, 80);
  EXPECT_EQ(observer.state.steps_left, 0);
  run_sweep(p, folder.path(), {2, &observer, nullptr});
  EXPECT_EQ(observer.state.steps_done, 0);
  EXPECT_EQ(observer.state.steps_left, 0);
}

TEST(sweep, refuses_a_folder_in_which_another_works) {
  const TemporaryDirectory folder;
  const WriterLock other(folder / "sweep.csv");
  EXPECT_THROW(run_sweep(plan({}), folder.path(), {}), Error);
  EXPECT_EQ(folder.n_files(), 1u);
}

TEST(sweep_table, has_a_column_for_each_key_and_quotes_what_needs_it) {
  const SweepPlan p = plan({"train.stop_when=test_loss < 1e-3", "optim.betas=[0.9,0.98]"}, "4:4");
  SweepRow row;
  row.ending = "failed";
  row.key_frequencies = {3, 5};
  row.train_loss = std::numeric_limits<double>::quiet_NaN();
  row.error = "a \"b\", c";
  const std::string csv = sweep_csv(p, std::vector{row});
  EXPECT_NE(csv.find("name,spec_digest,train.stop_when,optim.betas,seed,ending,steps"),
            std::string::npos);
  EXPECT_NE(csv.find(",test_loss < 0.001,0.9;0.98,4,failed,,,,,,,,,,3;5,,\"a \"\"b\"\", c\"\n"),
            std::string::npos)
      << csv;
  const SweepTable read = read_sweep_csv(csv, "csv");
  ASSERT_EQ(read.rows.size(), 1u);
  EXPECT_EQ(read.rows[0].back(), row.error);
  EXPECT_EQ(read.rows[0][2], "test_loss < 0.001");
  const auto json = nlohmann::json::parse(sweep_json(p, std::vector{row}));
  EXPECT_EQ(json[0].at("optim.betas"), nlohmann::json::parse("[0.9, 0.98]"));
  EXPECT_EQ(json[0].at("seed"), 4);
  EXPECT_TRUE(json[0].at("train_loss").is_null());
}

}  // namespace
}  // namespace grok
