#include "tests/faults/kills.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <csignal>
#include <sstream>
#include <thread>

#include "grok/base/error.h"
#include "grok/cli/program.h"
#include "grok/store/run_file.h"
#include "tests/faults/draws.h"

namespace grok::faults {
namespace {

using grok::testing::grokscope;
using grok::testing::Outcome;
using grok::testing::Running;
using Clock = std::chrono::steady_clock;

std::vector<std::string> train(const fs::path& path) {
  std::vector<std::string> words{"train", "quick", "--out", path.string(), "--threads", "1"};
  for (const char* setting :
       {"task.p=11", "task.train_fraction=0.8", "model.d_model=8", "model.n_heads=1",
        "model.d_head=8", "model.d_mlp=16", "optim.lr=0.1", "optim.weight_decay=1.0",
        "optim.warmup_steps=0", "train.seed=0", "train.steps=600", "train.stop_when=''",
        "record.every=10", "record.log_points_per_octave=0", "record.keyframes=every",
        "record.keyframe_every=35"}) {
    words.emplace_back("--set");
    words.emplace_back(setting);
  }
  return words;
}

// `train` goes on with a run, too; every other time it is asked as a user would ask.
std::vector<std::string> begin_or_resume(const fs::path& path, bool ask_for_resume) {
  if (ask_for_resume && fs::exists(path)) return {"resume", path.string(), "--threads", "1"};
  return train(path);
}

// The steps that the program says on its standard error to have recorded: "step  1,024 of ...".
std::vector<std::int64_t> steps_said(const std::string& text) {
  std::vector<std::int64_t> out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("step ")) continue;
    std::string digits;
    for (std::size_t i = 5;
         i < line.size() && (line[i] == ' ' || line[i] == ',' || std::isdigit(line[i])); ++i) {
      if (line[i] == ' ' && !digits.empty()) break;
      if (std::isdigit(line[i])) digits += line[i];
    }
    if (!digits.empty()) out.push_back(std::stoll(digits));
  }
  return out;
}

struct Whole {
  testing::Everything everything;
  double seconds = 0;
};

const Whole& whole() {
  static const Whole the_run = [] {
    const TemporaryDirectory directory(in_memory());
    const fs::path path = directory / "a.grok";
    Whole out;
    const auto begun = Clock::now();
    const Outcome outcome = grokscope(train(path));
    out.seconds = std::chrono::duration<double>(Clock::now() - begun).count();
    if (outcome.exit_code != 0) throw std::runtime_error(outcome.err);
    out.everything = testing::everything_in(path);
    if (!out.everything.metrics.contains({0, "restricted_loss"}))
      throw std::logic_error("choose a spec with key frequencies: the closing pass is idle");
    return out;
  }();
  return the_run;
}

class BrokenRun {
 public:
  BrokenRun(Draws& draws, KillDefect defect, Kills& kills)
      : draws_(draws), defect_(defect), kills_(kills) {}

  // Kills until the run is over, or enough kills have hit.
  void break_off(int n_kills) {
    bool is_hit = false;
    while (kills_.n_kills < n_kills) {
      if (!kill_once()) break;
      is_hit = true;
    }
    if (!is_hit) return;
    ++kills_.n_runs;
    const Outcome outcome = grokscope(begin_or_resume(path_, true));
    if (outcome.exit_code != 0) violated("does not go on: " + outcome.err);
    readable("when done", [this] {
      spoil_the_end();
      check_end();
    });
  }

 private:
  void violated(const std::string& what) {
    kills_.violations.push_back("after kill " + std::to_string(kills_.n_kills) + ": " + what);
  }

  // False if the program was faster.
  bool kill_once() {
    Running running(begin_or_resume(path_, draws_.once_in(2)));
    // Half of them early, so that a run is killed several times.
    const double most = (draws_.once_in(2) ? 1.1 : 0.4) * whole().seconds;
    const double wait = most * static_cast<double>(draws_.below(1 << 20)) / (1 << 20);
    std::this_thread::sleep_for(std::chrono::duration<double>(wait));
    // What another program can read was acknowledged. Not always: reading takes time.
    if (draws_.once_in(2)) look("before it");
    running.signal(SIGKILL);
    const Outcome outcome = running.finish();
    if (outcome.exit_code == 0) return false;
    if (outcome.exit_code != 128 + SIGKILL) {
      violated("exit code " + std::to_string(outcome.exit_code) + ": " + outcome.err);
      return false;
    }
    ++kills_.n_kills;
    for (const std::int64_t step : steps_said(outcome.err)) said_.insert(step);
    if (defect_ == KillDefect::loses_what_it_acknowledged) fs::remove(path_.string() + "-wal");
    look("after it");
    readable("when counted", [this] { count_place(); });
    return true;
  }

  // A file that does not open or read is a finding, wherever it is met.
  template <typename Read>
  void readable(const std::string& when, Read&& read) {
    try {
      read();
    } catch (const std::exception& error) {
      violated(when + ", does not open or read: " + error.what());
    }
  }

  // Everything that was in the file once must be there still.
  void look(const std::string& when) {
    readable(when, [this] {
      if (!fs::exists(path_)) {
        if (!seen_.metrics.empty() || !said_.empty()) violated("the file is gone");
        return;
      }
      const RunFile file = RunFile::open(path_, Access::read);
      for (const std::int64_t step : file.keyframe_steps()) static_cast<void>(file.keyframe(step));
      const testing::Everything found = testing::everything_in(file);
      check_rows(found);
      seen_ = found;
    });
  }

  void check_rows(const testing::Everything& found) {
    for (const auto& [key, value] : seen_.metrics)
      if (!found.metrics.contains(key))
        violated(key.second + " at step " + std::to_string(key.first) + " is lost");
    for (const auto& [key, value] : seen_.arrays)
      if (!found.arrays.contains(key))
        violated(key.second + " at step " + std::to_string(key.first) + " is lost");
    for (const std::int64_t step : said_)
      if (!found.metrics.contains({step, "train_loss"}))
        violated("step " + std::to_string(step) + " was said to be recorded, and is not");
    const testing::Everything& expected = whole().everything;
    for (const auto& [key, value] : found.metrics) {
      const auto there = expected.metrics.find(key);
      if (there == expected.metrics.end() ||
          std::bit_cast<std::uint64_t>(there->second) != std::bit_cast<std::uint64_t>(value))
        violated(key.second + " at step " + std::to_string(key.first) + " has other bits");
    }
  }

  void count_place() {
    if (!fs::exists(path_)) {
      ++kills_.n_before_the_file;
      return;
    }
    const bool has_ended = !RunFile::open(path_, Access::read).events("ending").empty();
    ++(has_ended ? kills_.n_in_closing : kills_.n_in_training);
  }

  void spoil_the_end() const {
    if (defect_ == KillDefect::resume_omits_rows)
      Database(path_, Database::Mode::read_write)
          .execute("DELETE FROM metric WHERE step = 590 AND name = 'test_loss'");
    if (defect_ == KillDefect::resume_doubles_events)
      RunFile::open(path_, Access::read_write)
          .commit({.step = 600, .events = {{600, "ending", R"({"ending": "done"})"}}});
  }

  void check_end() {
    look("at the end");
    const RunFile file = RunFile::open(path_, Access::read);
    if (testing::everything_in(file) != whole().everything)
      violated("the run is not the one that was never broken off");
    for (const char* kind : {"ending", "key_frequencies", "closed"}) {
      const std::size_t n = file.events(kind).size();
      if (n != 1) violated(std::to_string(n) + " events of kind " + kind);
    }
  }

  Draws& draws_;
  const KillDefect defect_;
  Kills& kills_;
  testing::Everything seen_;
  std::set<std::int64_t> said_;
  const TemporaryDirectory directory_{in_memory()};
  const fs::path path_ = directory_ / "a.grok";
};

}  // namespace

Kills kill_runs(int n_kills, std::uint64_t seed, KillDefect defect) {
  Kills out;
  Draws draws(seed, "kills");
  while (out.n_kills < n_kills) BrokenRun(draws, defect, out).break_off(n_kills);
  return out;
}

}  // namespace grok::faults
