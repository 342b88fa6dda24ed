// A failed fsync ends all writing: the system may have dropped what it could not write and call it
// clean, so that a second fsync would confirm what is not there (Rebello et al., USENIX ATC 2020).

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "grok/store/run_file.h"
#include "tests/faults/file_watch.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_directory.h"

namespace grok::faults {
namespace {

// Fails the next sync of the file of that name, and counts what is written, cut and synced after.
class FailingSync : public FileWatch {
 public:
  explicit FailingSync(std::string name) : name_(std::move(name)) {}
  Verdict before(const FileOperation& operation) override {
    const FileAct act = operation.act;
    if (has_failed_)
      n_after += act == FileAct::write || act == FileAct::truncate || act == FileAct::sync;
    if (has_failed_ || act != FileAct::sync || operation.name != name_) return Verdict::proceed;
    has_failed_ = true;
    return Verdict::fail;
  }
  bool has_failed() const { return has_failed_; }
  int n_after = 0;

 private:
  std::string name_;
  bool has_failed_ = false;
};

Moment moment_at(std::int64_t step, std::int64_t n_floats = 3) {
  Moment moment{.step = step, .metrics = {{"a", 0.5}}};
  moment.keyframe.emplace();
  moment.keyframe->add("w", Tensor(Shape{n_floats}));
  return moment;
}

void expect_moments(const std::filesystem::path& path, std::size_t n_acknowledged) {
  const RunFile file = RunFile::open(path, Access::read);
  const std::vector<std::int64_t> steps = file.keyframe_steps();
  EXPECT_GE(steps.size(), n_acknowledged);
  EXPECT_LE(steps.size(), n_acknowledged + 1);
  EXPECT_EQ(file.metric("a").size(), steps.size());
  for (const std::int64_t step : steps) EXPECT_EQ(file.keyframe(step).step, step);
}

class FailedSync : public ::testing::Test {
 protected:
  FailedSync() { install_watched_vfs(); }
  void expect_no_more_moments(RunFile& run) {
    EXPECT_TRUE(fails_with(ErrorCode::unavailable, "a.grok: nothing more is written",
                           [&] { run.commit(moment_at(10000)); }));
  }
  const TemporaryDirectory directory_{in_memory()};
  const std::filesystem::path path_ = directory_ / "a.grok";
};

TEST_F(FailedSync, of_a_commit_ends_all_writing) {
  FailingSync watch("a.grok-wal");
  {
    RunFile run = RunFile::create(path_, "{}", "d", "{}");
    run.commit(moment_at(0));
    run.commit(moment_at(1));
    const Watching watching(watch);
    EXPECT_TRUE(fails_with(ErrorCode::unavailable, "did not confirm a write",
                           [&] { run.commit(moment_at(2)); }));
    expect_no_more_moments(run);
    expect_no_more_moments(run);
    run.close();
  }
  EXPECT_EQ(watch.n_after, 0);
  expect_moments(path_, 2);
  RunFile again = RunFile::open(path_, Access::read_write);
  again.commit(moment_at(3));
}

TEST_F(FailedSync, of_a_checkpoint_between_commits_ends_all_writing) {
  FailingSync watch("a.grok");
  std::int64_t step = 0;
  {
    RunFile run = RunFile::create(path_, "{}", "d", "{}");
    run.commit(moment_at(step++, 50000));  // which begins the log
    const Watching watching(watch);
    while (!watch.has_failed() && step < 100) run.commit(moment_at(step++, 50000));
    EXPECT_LT(step, 100) << "no checkpoint came";
    expect_no_more_moments(run);
  }
  EXPECT_EQ(watch.n_after, 0);
  expect_moments(path_, static_cast<std::size_t>(step));  // the last one too was acknowledged
}

// The first moment makes the file keep a log from then on, for which the file itself must be synced.
TEST_F(FailedSync, of_the_file_when_its_log_begins_is_not_passed_over) {
  FailingSync watch("a.grok");
  {
    RunFile run = RunFile::create(path_, "{}", "d", "{}");
    const Watching watching(watch);
    EXPECT_TRUE(fails_with(ErrorCode::unavailable, "did not confirm a write",
                           [&] { run.commit(moment_at(0)); }));
    expect_no_more_moments(run);
  }
  // SQLite takes the file's header back, and syncs that; no moment was acknowledged yet.
  expect_moments(path_, 0);
}

TEST_F(FailedSync, of_the_checkpoint_at_the_end_leaves_the_log) {
  FailingSync watch("a.grok");
  {
    RunFile run = RunFile::create(path_, "{}", "d", "{}");
    run.commit(moment_at(0));
    const Watching watching(watch);
    EXPECT_TRUE(fails_with(ErrorCode::unavailable, "did not confirm", [&] { run.close(); }));
  }
  EXPECT_EQ(watch.n_after, 0);
  EXPECT_TRUE(std::filesystem::exists(directory_ / "a.grok-wal"));
  expect_moments(path_, 1);
}

// What the tests above are there for: SQLite by itself goes on.
TEST_F(FailedSync, is_tried_again_by_a_store_that_does_not_care) {
  FailingSync watch("a.grok-wal");
  {
    const Watching watching(watch);
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &handle), SQLITE_OK);
    sqlite3_exec(handle, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", nullptr, nullptr,
                 nullptr);
    EXPECT_NE(sqlite3_exec(handle, "CREATE TABLE t(a)", nullptr, nullptr, nullptr), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(handle, "CREATE TABLE t(a)", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(handle);
  }
  EXPECT_GT(watch.n_after, 0);
}

}  // namespace
}  // namespace grok::faults
