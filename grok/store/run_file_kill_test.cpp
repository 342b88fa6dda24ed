// What was acknowledged survives: the program is killed, the disk is full.

#include <atomic>
#include <csignal>
#include <cstdio>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "grok/store/run_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_directory.h"

// Stand before the system's own, so that the test sees how often SQLite waits for the disk.
static std::atomic<int> n_syncs{0};
extern "C" int fsync(int fd) {
  ++n_syncs;
  return static_cast<int>(::syscall(SYS_fsync, fd));
}
extern "C" int fdatasync(int fd) {
  ++n_syncs;
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

namespace grok {
namespace {

Moment moment_at(std::int64_t step) {
  Moment moment;
  moment.step = step;
  moment.metrics = {{"a", static_cast<double>(step)}, {"b", 0.5}};
  moment.keyframe.emplace();
  moment.keyframe->add("w",
                       Tensor(Shape{2000}, std::vector<float>(2000, static_cast<float>(step))));
  return moment;
}

// The child: goes on from the last step and reports each moment once it is acknowledged.
[[noreturn]] void write_until_killed(const std::filesystem::path& path, int report_to) {
  RunFile run = RunFile::open(path, Access::read_write);
  std::int64_t step = run.last_step().value_or(-1);
  while (true) {
    run.commit(moment_at(++step));
    if (::write(report_to, &step, sizeof step) != sizeof step) ::_exit(2);
  }
}

// Kills a writer after `n` acknowledged moments; returns the last one that was acknowledged.
std::int64_t kill_after(const std::filesystem::path& path, int n) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) write_until_killed(path, ends[1]);
  ::close(ends[1]);
  std::int64_t step = -1;
  for (int i = 0; i < n; ++i) EXPECT_EQ(::read(ends[0], &step, sizeof step), 8);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  while (::read(ends[0], &step, sizeof step) == sizeof step) {
  }
  ::close(ends[0]);
  return step;
}

TEST(run_file_kill, loses_nothing_that_was_acknowledged) {
  const TemporaryDirectory directory;
  const auto path = directory / "a.grok";
  RunFile::create(path, "{}", "d", "{}").close();
  for (int round = 0; round < 10; ++round) {
    const std::int64_t acknowledged = kill_after(path, 1 + 3 * round);
    const RunFile run = RunFile::open(path, Access::read);
    const std::int64_t n = acknowledged + 1;
    // One more may be there: on the disk, but killed before it could say so.
    ASSERT_GE(static_cast<std::int64_t>(run.metric("a").size()), n) << "round " << round;
    ASSERT_LE(static_cast<std::int64_t>(run.metric("a").size()), n + 1) << "round " << round;
    ASSERT_EQ(run.metric("a").size(), run.metric("b").size());
    ASSERT_EQ(run.metric("a").size(), run.keyframe_steps().size());
    ASSERT_EQ(run.keyframe(acknowledged).tensors.at("w").data[1999],
              static_cast<float>(acknowledged));
  }
  RunFile::open(path, Access::read_write).close();
  EXPECT_EQ(directory.n_files(), 1u);  // the next writer tidies up
}

// Loss of power cannot be had in a test; that each commit waits for the disk, and once, can.
TEST(run_file_power_loss, finds_every_acknowledged_moment_on_the_disk) {
  const TemporaryDirectory directory;
  RunFile run = RunFile::create(directory / "a.grok", "{}", "d", "{}");
  EXPECT_GE(n_syncs, 3);  // the new file, its journal, its name
  run.commit(moment_at(0));
  for (std::int64_t step = 1; step <= 10; ++step) {
    const int before = n_syncs;
    run.commit(moment_at(step));
    EXPECT_EQ(n_syncs - before, 1);
  }
}

// A limit on file sizes stands for a full disk: both make write() fail.
class SizeLimit {
 public:
  explicit SizeLimit(rlim_t n_bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{n_bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST(run_file_full_disk, fails_the_moment_and_keeps_the_rest) {
  const TemporaryDirectory directory;
  const auto path = directory / "a.grok";
  RunFile run = RunFile::create(path, "{}", "d", "{}");
  run.commit(moment_at(0));
  {
    const SizeLimit limit(40000);
    EXPECT_TRUE(fails_with(ErrorCode::unavailable, "disk is full or failing", [&] {
      for (std::int64_t step = 1; step < 100; ++step) run.commit(moment_at(step));
    }));
    EXPECT_EQ(run.keyframe(0).step, 0);
  }
  const std::int64_t step = run.last_step().value();
  EXPECT_EQ(run.keyframe_steps().size(), static_cast<std::size_t>(step + 1));
  run.commit(moment_at(step + 1));  // there is room again
  run.close();
  EXPECT_EQ(RunFile::open(path, Access::read).last_step(), step + 1);
}

TEST(run_file_full_disk, leaves_nothing_of_a_file_that_could_not_be_made) {
  const TemporaryDirectory directory;
  const auto path = directory / "a.grok";
  {
    const SizeLimit limit(10000);
    EXPECT_TRUE(fails_with(ErrorCode::unavailable, "a.grok",
                           [&] { RunFile::create(path, "{}", "d", "{}"); }));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  RunFile::create(path, "{}", "d", "{}").close();
  EXPECT_EQ(directory.n_files(), 1u);
}

}  // namespace
}  // namespace grok
