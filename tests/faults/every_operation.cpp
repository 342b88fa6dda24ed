#include "tests/faults/every_operation.h"

#include <optional>

#include "grok/base/error.h"
#include "tests/faults/child.h"

namespace grok::faults {
namespace {

constexpr std::int64_t file_is_there = -1;
constexpr std::int64_t run_is_whole = -2;

// Tells the parent through a pipe, as the promises of a process that dies must be known outside.
class Reporter : public RunObserver {
 public:
  Reporter(int to, StoreDefect defect) : to_(to), defect_(defect) {}
  void on_begin(const RunSpec&, std::int64_t) override { report(file_is_there); }
  void on_step(std::int64_t step, double) override {
    if (defect_ == StoreDefect::acknowledges_before_it_commits && unbroken().moments.contains(step))
      report(step);
  }
  void on_moment(const Moment& moment) override { report(moment.step); }
  void report(std::int64_t what) const {
    if (::write(to_, &what, sizeof what) != sizeof what) ::_exit(threw);
  }

 private:
  int to_;
  StoreDefect defect_;
};

class Pipe {
 public:
  Pipe() {
    if (::pipe(ends_) != 0) throw std::runtime_error("cannot make a pipe");
  }
  ~Pipe() {
    ::close(ends_[0]);
    if (ends_[1] >= 0) ::close(ends_[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  int to() const { return ends_[1]; }
  // A session's reports are far fewer than a pipe holds.
  void read_into(Promises& promises) {
    ::close(ends_[1]);
    ends_[1] = -1;
    std::int64_t what = 0;
    while (::read(ends_[0], &what, sizeof what) == sizeof what) {
      if (what == file_is_there) promises.file_is_there = true;
      if (what == run_is_whole) promises.run_is_whole = true;
      if (what >= 0) promises.moments.insert(what);
    }
  }

 private:
  int ends_[2];
};

// What a session begins with.
struct Start {
  Files files;
  Promises promises;
};

Start start_of(Stage stage) {
  const TemporaryDirectory directory(in_memory());
  const fs::path path = directory / "a.grok";
  Start out;
  if (stage == Stage::first) return out;
  out.promises = leave_killed(path, 16);  // its last keyframe is at 10
  if (stage == Stage::after_a_kill) {
    out.files = files_in(directory.path());
  } else {
    for (const auto& [name, bytes] : files_in(directory.path()))
      if (name != "a.grok") out.files[name] = bytes;
    out.files["a.grok-new"] = "half a file";
    out.promises = {};
  }
  return out;
}

// A message that a user can do something with.
void check_message(const std::string& message, const fs::path& path, Violations& out) {
  if (message.find(path.string()) == std::string::npos)
    out.push_back("the error does not name the file: " + message);
  if (message.find("; ") == std::string::npos)
    out.push_back("the error names no likely cause: " + message);
}

// One session under the plan; false if it ended with an error.
bool session(const fs::path& path, FaultPlan& plan, Reporter& reporter, Violations& out) {
  const Watching watching(plan);
  try {
    if (begin_or_go_on(path, &reporter).is_closed) reporter.report(run_is_whole);
    return true;
  } catch (const Error& error) {
    check_message(error.what(), path, out);
    if (error.code() != ErrorCode::unavailable)
      out.push_back(std::string("a failing disk is taken for something else: ") + error.what());
  } catch (const std::exception& error) {
    out.push_back(std::string("not a grok::Error: ") + error.what());
  }
  return false;
}

void spoil(const fs::path& path, StoreDefect defect) {
  if (!fs::exists(path)) return;
  if (defect == StoreDefect::resume_omits_rows)
    Database(path, Database::Mode::read_write)
        .execute("DELETE FROM metric WHERE step = 16 AND name = 'test_loss'");
  if (defect == StoreDefect::resume_doubles_rows)
    RunFile::open(path, Access::read_write)
        .commit({.step = 17,
                 .metrics = {{"test_loss", unbroken().everything.metrics.at({16, "test_loss"})}}});
}

class Sweeper {
 public:
  Sweeper(Stage stage, Fault fault, StoreDefect defect)
      : start_(start_of(stage)), fault_(fault), defect_(defect) {}

  /// False if the session does not come to a k-th operation.
  bool fail_at(int k, FaultSweep& sweep) {
    put_files(directory_.path(), start_.files);
    Violations found;
    Promises promises = start_.promises;
    bool is_quiet = true;
    const bool has_struck = meet_fault(k, promises, is_quiet, found);
    if (!has_struck) return false;
    ++sweep.n_faults;
    sweep.n_errors += is_quiet ? 0 : 1;
    append(check_promises(path_, promises), found);
    append(check_end(path_), found);
    if (defect_ == StoreDefect::resume_omits_rows || defect_ == StoreDefect::resume_doubles_rows) {
      spoil(path_, defect_);
      append(check_promises(path_, {true, {}, true}), found);
    }
    for (const std::string& violation : found)
      sweep.violations.push_back("operation " + std::to_string(k) + ": " + violation);
    return true;
  }

 private:
  static void append(const Violations& from, Violations& to) {
    to.insert(to.end(), from.begin(), from.end());
  }

  bool meet_fault(int k, Promises& promises, bool& is_quiet, Violations& found) {
    FaultPlan plan(fault_, k,
                   defect_ == StoreDefect::ignores_failed_writes
                       ? Honesty::says_a_failed_write_was_done
                       : Honesty::honest);
    Pipe pipe;
    Reporter reporter(pipe.to(), defect_);
    bool has_struck = false;
    if (fault_ == Fault::die) {
      const int code = in_a_child([&] { session(path_, plan, reporter, found); });
      has_struck = code == died;
      is_quiet = !has_struck;
      if (code != died && code != 0) found.push_back("exit code " + std::to_string(code));
    } else {
      is_quiet = session(path_, plan, reporter, found);
      has_struck = plan.has_struck();
    }
    pipe.read_into(promises);
    return has_struck;
  }

  const TemporaryDirectory directory_{in_memory()};
  const fs::path path_ = directory_ / "a.grok";
  const Start start_;
  const Fault fault_;
  const StoreDefect defect_;
};

}  // namespace

FaultSweep fail_operations(Stage stage, Fault fault, int first, int stride, StoreDefect defect) {
  static_cast<void>(unbroken());  // before any fault, and before any child
  Sweeper sweeper(stage, fault, defect);
  FaultSweep sweep;
  for (int k = first; sweeper.fail_at(k, sweep); k += stride) {
  }
  return sweep;
}

}  // namespace grok::faults
