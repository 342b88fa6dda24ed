// A run that is broken off, by Ctrl-C, SIGTERM, a closed terminal or kill -9, and then resumed, is
// the run that was never broken off: same weights, same metrics, none lost, none doubled.

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <signal.h>
#include <thread>

#include <gtest/gtest.h>

#include "grok/cli/interrupt.h"
#include "grok/cli/program.h"
#include "grok/store/run_file.h"
#include "tests/support/temporary_directory.h"

namespace grok::testing {
namespace {

struct Recorded {
  std::string last_digest;
  std::vector<MetricRow> metrics;
};

Recorded recorded_in(const std::string& path) {
  const RunFile file = RunFile::open(path, Access::read);
  return {file.last_keyframe().value().digest, file.metrics()};
}

void expect_equal(const Recorded& a, const Recorded& b) {
  EXPECT_EQ(a.last_digest, b.last_digest);
  ASSERT_EQ(a.metrics.size(), b.metrics.size());
  for (std::size_t i = 0; i < a.metrics.size(); ++i) {
    EXPECT_EQ(a.metrics[i].step, b.metrics[i].step);
    EXPECT_EQ(a.metrics[i].name, b.metrics[i].name);
    EXPECT_EQ(a.metrics[i].value, b.metrics[i].value) << a.metrics[i].name << a.metrics[i].step;
  }
}

std::vector<std::string> about_a_second_of_training(const std::string& out) {
  std::vector<std::string> words{"train", "quick", "--out", out, "--threads", "1"};
  for (const char* setting : {"task.p=23", "model.d_model=32", "model.d_head=8", "model.d_mlp=64",
                              "train.steps=4000", "train.stop_when=''", "record.every=250",
                              "record.log_points_per_octave=1", "record.keyframe_every=500"}) {
    words.emplace_back("--set");
    words.emplace_back(setting);
  }
  return words;
}

class Interrupt : public ::testing::TestWithParam<int> {};

TEST_P(Interrupt, is_as_if_it_had_not_been) {
  const TemporaryDirectory folder;
  const auto train = [&](const char* name) {
    return about_a_second_of_training((folder.path() / name).string());
  };
  ASSERT_EQ(grokscope(train("whole.grok")).exit_code, 0);

  const std::string broken = (folder.path() / "broken.grok").string();
  bool was_broken_off = false;
  for (int round = 0; round < 4; ++round) {
    Running running(train("broken.grok"));
    std::this_thread::sleep_for(std::chrono::milliseconds(200 + 50 * round));
    running.signal(GetParam());
    const Outcome o = running.finish();
    if (o.exit_code == 0) break;  // it was faster
    was_broken_off = true;
    EXPECT_EQ(o.exit_code, GetParam() == SIGKILL ? 128 + SIGKILL : 1) << o.err;
  }
  EXPECT_TRUE(was_broken_off) << "the run ended before the signal came: make it longer";
  if (std::filesystem::exists(broken)) {
    const Outcome resumed = grokscope({"resume", broken});
    ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  } else {
    ASSERT_EQ(grokscope(train("broken.grok")).exit_code, 0);
  }
  expect_equal(recorded_in(broken), recorded_in((folder.path() / "whole.grok").string()));
}

INSTANTIATE_TEST_SUITE_P(by, Interrupt, ::testing::Values(SIGINT, SIGTERM, SIGHUP, SIGKILL),
                         [](const auto& signal) {
                           return signal.param == SIGINT    ? "ctrl_c"
                                  : signal.param == SIGTERM ? "sigterm"
                                  : signal.param == SIGHUP  ? "closed_terminal"
                                                            : "kill_9";
                         });

// In this program itself: two signals sent to another may arrive as one.
TEST(CatchInterrupts, lets_the_second_signal_kill) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto interrupt_twice = [](int first, int second) {
    std::signal(SIGHUP, SIG_DFL);  // under nohup it would be ignored
    const std::atomic<bool>& flag = cli::catch_interrupts();
    raise(first);
    if (!flag.load()) std::exit(9);
    raise(second);
  };
  EXPECT_EXIT(interrupt_twice(SIGINT, SIGINT), ::testing::KilledBySignal(SIGINT), "");
  EXPECT_EXIT(interrupt_twice(SIGINT, SIGTERM), ::testing::KilledBySignal(SIGTERM), "");
  EXPECT_EXIT(interrupt_twice(SIGTERM, SIGINT), ::testing::KilledBySignal(SIGINT), "");
  EXPECT_EXIT(interrupt_twice(SIGHUP, SIGTERM), ::testing::KilledBySignal(SIGTERM), "");
}

// The terminal that closes and its shell each send one; the run must still come to its end.
TEST(CatchInterrupts, outlives_a_second_hangup) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto hang_up = [](int first) {
    std::signal(SIGHUP, SIG_DFL);
    const std::atomic<bool>& flag = cli::catch_interrupts();
    raise(first);
    raise(SIGHUP);
    raise(SIGHUP);
    std::exit(flag.load() ? 0 : 9);
  };
  EXPECT_EXIT(hang_up(SIGHUP), ::testing::ExitedWithCode(0), "");
  EXPECT_EXIT(hang_up(SIGINT), ::testing::ExitedWithCode(0), "");
}

// nohup and a shell's background jobs start programs so; that is not for us to undo.
TEST(CatchInterrupts, leaves_a_signal_alone_that_was_ignored_from_the_start) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto ignore_and_interrupt = [](int number) {
    std::signal(number, SIG_IGN);
    const std::atomic<bool>& flag = cli::catch_interrupts();
    raise(number);
    std::exit(flag.load() ? 9 : 0);
  };
  for (const int number : {SIGINT, SIGHUP})
    EXPECT_EXIT(ignore_and_interrupt(number), ::testing::ExitedWithCode(0), "");
}

TEST(Divergence, ends_the_run_with_its_own_exit_code_and_keeps_the_file) {
  const TemporaryDirectory folder;
  const std::string file = (folder.path() / "a.grok").string();
  const Outcome o = grokscope({"train", "quick", "--out", file, "--set", "optim.lr=1e30"});
  EXPECT_EQ(o.exit_code, 4) << o.err;
  const Outcome show = grokscope({"show", file, "--json"});
  EXPECT_EQ(show.exit_code, 0) << show.err;
  EXPECT_NE(show.out.find("diverged"), std::string::npos);
}

}  // namespace
}  // namespace grok::testing
