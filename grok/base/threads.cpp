#include "grok/base/threads.h"

#include <immintrin.h>
#include <sched.h>
#include <unistd.h>

#include "grok/base/error.h"
#include "grok/base/float_environment.h"

namespace grok {
namespace {
// How often a helper looks for its next job before it sleeps, about 20 microseconds closely and 300
// more while it offers its core to whoever wants it: longer than the serial stretches between two
// kernels of a step, for to wake a sleeping core costs as much as such a kernel.
constexpr int n_spins = 1000;
constexpr int n_yields = 300;
constexpr std::uint64_t no_more_chunks = 0xffffffff;
}  // namespace

ThreadPool::ThreadPool(int n_threads) : n_threads_(n_threads) {
  GROK_REQUIRE(n_threads >= 1, std::to_string(n_threads) + " threads");
  next_ = std::make_unique<Next[]>(static_cast<std::size_t>(n_threads));
  for (int i = 1; i < n_threads; ++i) helpers_.emplace_back([this, i] { help(i); });
}

ThreadPool::~ThreadPool() {
  stopping_.store(true);
  job_.fetch_add(1);
  job_.notify_all();
  helpers_.clear();  // joins: a late helper may still look at `next_`
}

void ThreadPool::run(std::int64_t n_chunks, Call call, void* context) {
  if (helpers_.empty() || n_chunks <= 1) {
    for (std::int64_t i = 0; i < n_chunks; ++i) call(context, i);
    return;
  }
  GROK_REQUIRE(n_chunks < (1LL << 31), std::to_string(n_chunks) + " chunks");
  call_.store(call, std::memory_order_relaxed);
  context_.store(context, std::memory_order_relaxed);
  n_chunks_.store(n_chunks, std::memory_order_relaxed);
  n_done_.store(0, std::memory_order_relaxed);
  callers_core_.store(sched_getcpu(), std::memory_order_relaxed);
  const std::uint32_t job = job_.load(std::memory_order_relaxed) + 1;
  for (int r = 0; r < n_threads(); ++r)
    next_[static_cast<std::size_t>(r)].value.store(
        static_cast<std::uint64_t>(job) << 32 |
            static_cast<std::uint64_t>(n_chunks * r / n_threads()),
        std::memory_order_release);
  job_.store(job, std::memory_order_release);
  job_.notify_all();
  work_off(job, 0);
  for (int spins = 0; n_done_.load(std::memory_order_acquire) < n_chunks;) {
    if (++spins < n_spins)
      _mm_pause();
    else
      sched_yield();  // a helper lost its core in the middle of a chunk: give it ours
  }
  for (int r = 0; r < n_threads(); ++r)
    next_[static_cast<std::size_t>(r)].value.store(
        static_cast<std::uint64_t>(job) << 32 | no_more_chunks, std::memory_order_release);
}

void ThreadPool::work_off(std::uint32_t job, int thread) {
  for (int i = 0; i < n_threads(); ++i) work_off_range(job, (thread + i) % n_threads());
}

void ThreadPool::work_off_range(std::uint32_t job, int range) {
  std::atomic<std::uint64_t>& next = next_[static_cast<std::size_t>(range)].value;
  std::uint64_t seen = next.load(std::memory_order_acquire);
  while ((seen >> 32) == job) {
    // Read before the chunk is claimed: once the last one is done, the caller may set a new job.
    // If that happens in between, `next` has moved on and the claim below fails.
    const Call call = call_.load(std::memory_order_relaxed);
    void* const context = context_.load(std::memory_order_relaxed);
    const std::int64_t n_chunks = n_chunks_.load(std::memory_order_relaxed);
    const auto chunk = static_cast<std::int64_t>(seen & no_more_chunks);
    if (chunk >= n_chunks * (range + 1) / n_threads()) return;
    if (!next.compare_exchange_weak(seen, seen + 1, std::memory_order_acq_rel)) continue;
    call(context, chunk);
    n_done_.fetch_add(1, std::memory_order_acq_rel);
    seen = next.load(std::memory_order_acquire);
  }
}

void ThreadPool::leave_callers_core() const {
  const int core = callers_core_.load(std::memory_order_relaxed);
  if (core < 0 || sched_getcpu() != core) return;
  // Any core but the caller's; where there is no other, stay.
  cpu_set_t allowed;
  if (sched_getaffinity(getpid(), sizeof allowed, &allowed) != 0) return;
  CPU_CLR(static_cast<std::size_t>(core), &allowed);
  if (CPU_COUNT(&allowed) > 0) sched_setaffinity(0, sizeof allowed, &allowed);
}

void ThreadPool::help(int thread) {
  const FlushDenormals flush;
  std::uint32_t last = 0;
  while (true) {
    std::uint32_t job = job_.load(std::memory_order_acquire);
    for (int spins = 0; job == last && spins < n_spins; ++spins) {
      _mm_pause();
      job = job_.load(std::memory_order_acquire);
    }
    for (int yields = 0; job == last && yields < n_yields; ++yields) {
      sched_yield();
      job = job_.load(std::memory_order_acquire);
    }
    if (job == last) {
      job_.wait(last, std::memory_order_acquire);
      continue;
    }
    if (stopping_.load()) return;
    last = job;
    leave_callers_core();
    work_off(job, thread);
  }
}

int n_cores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  const int n = CPU_COUNT(&set);
  return n < 1 ? 1 : n;
}

}  // namespace grok
