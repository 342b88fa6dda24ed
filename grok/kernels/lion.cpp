#include "grok/kernels/lion.h"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/lion.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"

#ifndef GROK_KERNELS_LION_SCALARS
#define GROK_KERNELS_LION_SCALARS
namespace grok {
namespace {
/// The step's numbers as the array's arithmetic uses them.
struct LionScalars {
  float rate, keep, beta1, take1, beta2, take2;
};
}  // namespace
}  // namespace grok
#endif

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {

void lion_range(const LionScalars& s, const float* g, float* w, float* m, std::size_t n) {
  constexpr Full<float> d;
  const auto rate = hn::Set(d, s.rate), keep = hn::Set(d, s.keep), zero = hn::Zero(d);
  for (std::size_t i = 0; i < n; i += width<float>) {
    const std::size_t valid = n - i;
    const auto gi = load_some(g + i, valid), mi = load_some<float>(m + i, valid);
    const auto u = hn::MulAdd(gi, hn::Set(d, s.take1), hn::Mul(mi, hn::Set(d, s.beta1)));
    // u itself where it is 0 or NaN.
    const auto change = hn::IfThenElse(hn::Gt(hn::Abs(u), zero), hn::CopySign(rate, u), u);
    const auto wi = hn::Mul(load_some<float>(w + i, valid), keep);
    store_some<float>(hn::Sub(wi, change), w + i, valid);
    store_some<float>(hn::MulAdd(gi, hn::Set(d, s.take2), hn::Mul(mi, hn::Set(d, s.beta2))), m + i,
                      valid);
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
HWY_EXPORT(lion_range);
}

void lion(const LionStep& step, ConstFloats g, Floats w, Floats m, ThreadPool& pool) noexcept {
  GROK_ASSERT(g.size() == w.size() && g.size() == m.size());
  const LionScalars s{
      static_cast<float>(step.lr),    static_cast<float>(1 - step.lr * step.weight_decay),
      static_cast<float>(step.beta1), static_cast<float>(1 - step.beta1),
      static_cast<float>(step.beta2), static_cast<float>(1 - step.beta2)};
  const auto range = GROK_DISPATCH(lion_range);
  for_ranges(pool, static_cast<std::int64_t>(w.size()), numbers_per_chunk,
             [&](std::size_t i, std::size_t end) noexcept {
               range(s, g.data() + i, w.data() + i, m.data() + i, end - i);
             });
}

}  // namespace grok
#endif  // HWY_ONCE
