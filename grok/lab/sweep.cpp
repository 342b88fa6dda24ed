#include "grok/lab/sweep.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "grok/base/error.h"
#include "grok/base/threads.h"
#include "grok/lab/sweep_check.h"
#include "grok/lab/sweep_table.h"
#include "grok/store/atomic_file.h"
#include "grok/store/writer_lock.h"

namespace grok {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds between_ticks{100};
// The table is written anew each time, and thousands of short runs may end in a second.
constexpr std::chrono::seconds between_tables{1};

std::int64_t step_limit(const SweepRun& run) { return run.spec.train.integer("steps"); }

// What earlier sweeps of the folder have come to.
SweepTable table_in(const fs::path& folder) {
  const fs::path path = folder / "sweep.csv";
  std::error_code error;
  if (!fs::exists(path, error)) return {};
  const std::vector<std::byte> bytes = read_file(path);
  return read_sweep_csv({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());
}

// Steps of all runs, counted by many threads.
struct StepCount {
  std::atomic<std::int64_t> done{0};
  std::atomic<std::int64_t> planned{0};  // done and to be done by this call, at most
};

// Counts one run's steps, and takes back those that it was not to make after all.
class RunMeter : public RunObserver {
 public:
  RunMeter(StepCount& count, std::int64_t limit) : count_(count), limit_(limit) {}
  ~RunMeter() override { count_.planned -= limit_ - step_; }
  void on_begin(const RunSpec&, std::int64_t step) override {
    step_ = step;
    count_.planned -= step;
  }
  void on_step(std::int64_t step, double) override {
    step_ = step;
    count_.done.fetch_add(1, std::memory_order_relaxed);
  }

 private:
  StepCount& count_;
  std::int64_t limit_;
  std::int64_t step_ = 0;
};

class Sweep {
 public:
  Sweep(const SweepPlan& plan, const fs::path& folder, const SweepOptions& options)
      : plan_(plan),
        folder_(folder),
        options_(options),
        former_(table_in(folder)),
        rows_(plan.runs.size()) {
    for (const SweepRun& run : plan.runs) count_.planned += step_limit(run);
  }

  std::vector<SweepRow> go() {
    write_table();
    const int n_jobs = options_.n_jobs > 0 ? options_.n_jobs : n_cores();
    const auto n_workers = std::min(static_cast<std::size_t>(n_jobs), rows_.size());
    n_working_ = n_workers;
    {
      std::vector<std::jthread> workers;
      for (std::size_t i = 0; i < n_workers; ++i) workers.emplace_back([this] { work(); });
      watch();
    }
    write_table();
    return std::move(rows_);
  }

 private:
  struct Ended {
    std::size_t run;
    SweepRow row;
  };

  bool is_stopped() const { return options_.stop && options_.stop->load(); }

  void work() noexcept {
    for (std::size_t i; !is_stopped() && (i = next_.fetch_add(1)) < plan_.runs.size();) {
      const SweepRun& run = plan_.runs[i];
      ++n_running_;
      SweepRow row;
      {
        RunMeter meter(count_, step_limit(run));
        row = run_row(run, folder_ / (run.name + ".grok"),
                      {.n_threads = 1, .observer = &meter, .stop = options_.stop});
      }
      --n_running_;
      const std::lock_guard lock(mutex_);
      ended_.push_back({i, std::move(row)});
      news_.notify_one();
    }
    const std::lock_guard lock(mutex_);
    --n_working_;
    news_.notify_one();
  }

  // On the caller's thread, until all workers are done: rows, table and observer are its own.
  void watch() {
    Clock::time_point written = Clock::now();
    for (bool is_done = false; !is_done;) {
      std::vector<Ended> ended;
      {
        std::unique_lock lock(mutex_);
        news_.wait_for(lock, between_ticks, [&] { return !ended_.empty() || n_working_ == 0; });
        ended.swap(ended_);
        is_done = n_working_ == 0;
      }
      for (Ended& e : ended) take(e);
      is_table_old_ = is_table_old_ || !ended.empty();
      if (is_table_old_ && Clock::now() - written >= between_tables) {
        try_to_write_table();
        written = Clock::now();
      }
      if (options_.observer) options_.observer->on_tick(state());
    }
  }

  void take(Ended& ended) {
    SweepRow& row = rows_[ended.run];
    row = std::move(ended.row);
    ++n_ended_;
    n_failed_ += row.is_failed() ? 1 : 0;
    if (options_.observer) options_.observer->on_row(plan_.runs[ended.run], row, state());
  }

  SweepState state() const {
    SweepState out;
    out.n_runs = rows_.size();
    out.n_running = n_running_;
    out.n_ended = n_ended_;
    out.n_failed = n_failed_;
    out.steps_done = count_.done;
    out.steps_left = count_.planned - out.steps_done;
    return out;
  }

  void write_table() {
    const std::string text = sweep_csv(plan_, rows_, former_);
    write_file_atomically(folder_ / "sweep.csv", std::as_bytes(std::span(text)));
    is_table_old_ = false;
  }

  // A disk that is full for a while must not end the runs; the last table is written or thrown for.
  void try_to_write_table() noexcept {
    try {
      write_table();
    } catch (const std::exception&) {
      is_table_old_ = true;
    }
  }

  const SweepPlan& plan_;
  const fs::path& folder_;
  const SweepOptions& options_;
  const SweepTable former_;
  std::vector<SweepRow> rows_;
  std::size_t n_ended_ = 0, n_failed_ = 0;
  bool is_table_old_ = false;

  StepCount count_;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::size_t> n_running_{0};
  std::mutex mutex_;
  std::condition_variable news_;
  std::vector<Ended> ended_;   // guarded by mutex_
  std::size_t n_working_ = 0;  // guarded by mutex_
};

}  // namespace

std::vector<SweepRow> run_sweep(const SweepPlan& plan, const fs::path& folder,
                                const SweepOptions& options) {
  check_runs(plan, folder);
  make_folder(folder);
  // Two sweeps in one folder would write over each other's table.
  const WriterLock lock(folder / "sweep.csv");
  return Sweep(plan, folder, options).go();
}

}  // namespace grok
