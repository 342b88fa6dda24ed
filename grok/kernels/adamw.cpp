#include "grok/kernels/adamw.h"

#include <cmath>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/adamw.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"

#ifndef GROK_KERNELS_ADAMW_SCALARS
#define GROK_KERNELS_ADAMW_SCALARS
namespace grok {
namespace {
/// The step's numbers as the array's arithmetic uses them.
struct AdamWScalars {
  float keep, beta1, take1, beta2, take2, root_correction2, eps, minus_rate;
};
}  // namespace
}  // namespace grok
#endif

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {

void adamw_range(const AdamWScalars& s, const float* g, float* w, float* m, float* v,
                 std::size_t n) {
  constexpr Full<float> d;
  for (std::size_t i = 0; i < n; i += width<float>) {
    const std::size_t valid = n - i;
    const auto gi = load_some(g + i, valid);
    const auto wi = hn::Mul(load_some<float>(w + i, valid), hn::Set(d, s.keep));
    const auto mi = hn::MulAdd(gi, hn::Set(d, s.take1),
                               hn::Mul(load_some<float>(m + i, valid), hn::Set(d, s.beta1)));
    const auto vi = hn::Add(hn::Mul(load_some<float>(v + i, valid), hn::Set(d, s.beta2)),
                            hn::Mul(hn::Mul(hn::Set(d, s.take2), gi), gi));
    const auto root = hn::Div(hn::Sqrt(vi), hn::Set(d, s.root_correction2));
    const auto change =
        hn::Div(hn::Mul(hn::Set(d, s.minus_rate), mi), hn::Add(root, hn::Set(d, s.eps)));
    store_some<float>(mi, m + i, valid);
    store_some<float>(vi, v + i, valid);
    store_some<float>(hn::Add(wi, change), w + i, valid);
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
HWY_EXPORT(adamw_range);
}

void adamw(const AdamWStep& step, ConstFloats g, Floats w, Floats m, Floats v,
           ThreadPool& pool) noexcept {
  GROK_ASSERT(g.size() == w.size() && m.size() == w.size() && v.size() == w.size());
  const AdamWScalars s{static_cast<float>(1 - step.lr * step.weight_decay),
                       static_cast<float>(step.beta1),
                       static_cast<float>(1 - step.beta1),
                       static_cast<float>(step.beta2),
                       static_cast<float>(1 - step.beta2),
                       static_cast<float>(std::sqrt(step.bias_correction2)),
                       static_cast<float>(step.eps),
                       static_cast<float>(-step.lr / step.bias_correction1)};
  const auto range = GROK_DISPATCH(adamw_range);
  for_ranges(pool, static_cast<std::int64_t>(w.size()), rows_per_chunk(1),
             [&](std::size_t i, std::size_t end) noexcept {
               range(s, g.data() + i, w.data() + i, m.data() + i, v.data() + i, end - i);
             });
}

}  // namespace grok
#endif  // HWY_ONCE
