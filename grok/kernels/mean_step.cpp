#include "grok/kernels/mean_step.h"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/mean_step.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"

#ifndef GROK_KERNELS_MEAN_STEP_SCALARS
#define GROK_KERNELS_MEAN_STEP_SCALARS
namespace grok {
namespace {
struct MeanScalars {
  float keep, take, own, of_mean;
};
struct WindowArrays {
  const float* g;
  float *oldest, *high, *low, *out;
};
}  // namespace
}  // namespace grok
#endif

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {

void mean_range(const MeanScalars& s, const float* g, float* mean, float* out, std::size_t n) {
  constexpr Full<float> d;
  const auto keep = hn::Set(d, s.keep), take = hn::Set(d, s.take);
  const auto own = hn::Set(d, s.own), of_mean = hn::Set(d, s.of_mean);
  for (std::size_t i = 0; i < n; i += width<float>) {
    const std::size_t valid = n - i;
    const auto gi = load_some(g + i, valid);
    const auto mi = hn::MulAdd(gi, take, hn::Mul(load_some<float>(mean + i, valid), keep));
    store_some<float>(mi, mean + i, valid);
    store_some<float>(hn::MulAdd(gi, own, hn::Mul(mi, of_mean)), out + i, valid);
  }
}

void window_range(double factor, const WindowArrays& a, std::size_t n) {
  constexpr Full<double> d;
  const auto by = hn::Set(d, factor);
  for (std::size_t i = 0; i < n; i += width<double>) {
    const std::size_t valid = n - i;
    const auto g = load_as(a.g + i, valid, 0.0), oldest = load_as(a.oldest + i, valid, 0.0);
    const auto before = hn::Add(load_as(a.high + i, valid, 0.0), load_as(a.low + i, valid, 0.0));
    const auto sum = hn::Add(before, hn::Sub(g, oldest));
    store_rounded(sum, a.high + i, valid, 0.0);
    store_rounded(hn::Sub(sum, load_as(a.high + i, valid, 0.0)), a.low + i, valid, 0.0);
    store_rounded(g, a.oldest + i, valid, 0.0);
    store_rounded(hn::MulAdd(sum, by, g), a.out + i, valid, 0.0);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "grok/base/error.h"
#include "grok/kernels/dispatch.h"

namespace grok {
namespace {
HWY_EXPORT(mean_range);
HWY_EXPORT(window_range);
}  // namespace

void mean_step(const MeanStep& step, ConstFloats g, Floats mean, Floats out,
               ThreadPool& pool) noexcept {
  GROK_ASSERT(g.size() == mean.size() && g.size() == out.size());
  const MeanScalars s{static_cast<float>(step.keep), static_cast<float>(step.take),
                      static_cast<float>(step.own), static_cast<float>(step.of_mean)};
  const auto range = GROK_DISPATCH(mean_range);
  for_ranges(pool, static_cast<std::int64_t>(g.size()), numbers_per_chunk,
             [&](std::size_t i, std::size_t end) noexcept {
               range(s, g.data() + i, mean.data() + i, out.data() + i, end - i);
             });
}

void window_step(double factor, ConstFloats g, Floats oldest, Floats sum_high, Floats sum_low,
                 Floats out, ThreadPool& pool) noexcept {
  GROK_ASSERT(g.size() == oldest.size() && g.size() == sum_high.size());
  GROK_ASSERT(g.size() == sum_low.size() && g.size() == out.size());
  const auto range = GROK_DISPATCH(window_range);
  for_ranges(pool, static_cast<std::int64_t>(g.size()), numbers_per_chunk,
             [&](std::size_t i, std::size_t end) noexcept {
               range(factor,
                     {g.data() + i, oldest.data() + i, sum_high.data() + i, sum_low.data() + i,
                      out.data() + i},
                     end - i);
             });
}

}  // namespace grok
#endif  // HWY_ONCE
