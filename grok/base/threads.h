#pragma once
// A pool of threads that share out numbered chunks of work. How many threads there are never
// changes a result: the caller fixes the chunks, and each chunk writes what is its own.

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <type_traits>
#include <vector>

namespace grok {

/// Items [0, n) shared out among workers: each takes those of its own range in order, then what is
/// left of others'. From one job to the next a worker so meets the same items, whose data its core
/// has; and one that loses its core does not hold up the rest.
class WorkRanges {
 public:
  static constexpr int max_workers = 64;
  /// Any number of workers; those beyond max_workers have no range of their own.
  WorkRanges(std::int64_t n, std::int64_t n_workers)
      : n_(n), n_ranges_(n_workers < max_workers ? n_workers : max_workers) {
    for (std::int64_t r = 0; r < n_ranges_; ++r) next_[r].value = begin(r);
  }
  /// The next item of a worker, or -1 when all are taken.
  std::int64_t take(std::int64_t worker) {
    for (std::int64_t i = 0; i < n_ranges_; ++i) {
      const std::int64_t r = (worker + i) % n_ranges_, end = begin(r + 1);
      if (next_[r].value.load(std::memory_order_relaxed) >= end) continue;
      const std::int64_t item = next_[r].value.fetch_add(1, std::memory_order_relaxed);
      if (item < end) return item;
    }
    return -1;
  }

 private:
  struct alignas(64) Next {
    std::atomic<std::int64_t> value{0};
  };
  std::int64_t begin(std::int64_t range) const { return n_ * range / n_ranges_; }

  std::int64_t n_, n_ranges_;
  Next next_[max_workers];
};

/// One caller and `n_threads - 1` helpers. Helpers spin briefly for the next job, then sleep, so
/// that a foreign process on the same core does not stall a step. A helper that wakes on its
/// caller's core moves off it: Linux tends to wake it there, and then two threads run at the speed
/// of one. Not reentrant: one job at a time. Denormals are flushed on every helper for its whole
/// life.
class ThreadPool {
 public:
  /// n_threads is 1 or more.
  explicit ThreadPool(int n_threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int n_threads() const { return n_threads_; }

  /// Calls `f(chunk)` for each chunk in [0, n_chunks), each once, on any thread, in any order, and
  /// returns when all are done. `f` must not throw. Allocates nothing. Chunks are shared out as in
  /// WorkRanges.
  template <class F>
  void for_chunks(std::int64_t n_chunks, F&& f) {
    static_assert(std::is_nothrow_invocable_v<F&, std::int64_t>, "no exception crosses a thread");
    using Function = std::remove_reference_t<F>;
    run(
        n_chunks,
        [](void* context, std::int64_t chunk) noexcept {
          (*static_cast<Function*>(context))(chunk);
        },
        const_cast<void*>(static_cast<const void*>(&f)));
  }

 private:
  using Call = void (*)(void* context, std::int64_t chunk) noexcept;

  void run(std::int64_t n_chunks, Call call, void* context);
  void help(int thread);
  void work_off(std::uint32_t job, int thread);
  void work_off_range(std::uint32_t job, int range);
  void leave_callers_core() const;

  int n_threads_;
  std::vector<std::jthread> helpers_;
  std::atomic<Call> call_{nullptr};
  std::atomic<void*> context_{nullptr};
  std::atomic<std::int64_t> n_chunks_{0};
  // Of each thread's range of chunks. High 32 bits: the number of the job; low 32: the next chunk,
  // or all ones once the job is over. One word, so that a late helper can never take a chunk of a
  // job that it has not seen.
  struct alignas(64) Next {
    std::atomic<std::uint64_t> value{0};
  };
  std::unique_ptr<Next[]> next_;
  std::atomic<std::int64_t> n_done_{0};
  std::atomic<int> callers_core_{-1};
  std::atomic<std::uint32_t> job_{0};
  std::atomic<bool> stopping_{false};
};

/// Threads this process may run at once (its affinity mask), at least 1.
int n_cores();

}  // namespace grok
