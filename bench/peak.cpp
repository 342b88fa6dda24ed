#include "bench/peak.h"

#include <algorithm>
#include <cstddef>
#include <time.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/peak.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace grok::bench {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

// Enough independent chains to hide a latency of 4 cycles on two units, few enough for 16
// registers.
constexpr std::size_t n_chains = 12;

/// Runs n rounds of one fused multiply-add per chain; returns the floating-point operations done.
double fused_multiply_adds(std::size_t n, float* sink) {
  const hn::ScalableTag<float> d;
  hn::Vec<decltype(d)> chain[n_chains];
  for (std::size_t i = 0; i < n_chains; ++i) chain[i] = hn::Set(d, static_cast<float>(i));
  const auto factor = hn::Set(d, 0.999f), term = hn::Set(d, 0.001f);
  for (std::size_t round = 0; round < n; ++round) {
#pragma GCC unroll 12
    for (std::size_t i = 0; i < n_chains; ++i) chain[i] = hn::MulAdd(chain[i], factor, term);
  }
  auto sum = chain[0];
  for (std::size_t i = 1; i < n_chains; ++i) sum = hn::Add(sum, chain[i]);
  *sink = hn::GetLane(sum);
  return 2.0 * static_cast<double>(n * n_chains * hn::Lanes(d));
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok::bench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "grok/kernels/target.h"

namespace grok::bench {
namespace {
HWY_EXPORT(fused_multiply_adds);

double now(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}
}  // namespace

double measured_peak_gflops(ThreadPool& pool, int n_tries) {
  settle_target();
  constexpr std::size_t n_rounds = 400'000;
  // One thread is timed by its own processor time: what other processes take does not count.
  const clockid_t clock = pool.n_threads() == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC;
  double best = 0;
  for (int i = 0; i < n_tries; ++i) {
    double flops = 0;
    const double begin = now(clock);
    pool.for_chunks(pool.n_threads(), [&](std::int64_t thread) noexcept {
      float sink = 0;
      const double done = HWY_DYNAMIC_DISPATCH(fused_multiply_adds)(n_rounds, &sink);
      // Written by one thread only; the others do the same amount.
      if (thread == 0) flops = done + 0.0 * static_cast<double>(sink);
    });
    const double took = now(clock) - begin;
    best = std::max(best, flops * pool.n_threads() / took * 1e-9);
  }
  return best;
}

}  // namespace grok::bench
#endif  // HWY_ONCE
