#include "grok/kernels/sgd.h"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/sgd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"

#ifndef GROK_KERNELS_SGD_SCALARS
#define GROK_KERNELS_SGD_SCALARS
namespace grok {
namespace {
/// The step's numbers as the array's arithmetic uses them.
struct SgdScalars {
  float minus_rate, momentum, decay;
  Momentum kind;
};
}  // namespace
}  // namespace grok
#endif

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {

/// `v` is null where there is no momentum.
void sgd_range(const SgdScalars& s, const float* g, float* w, float* v, std::size_t n) {
  constexpr Full<float> d;
  const auto momentum = hn::Set(d, s.momentum), decay = hn::Set(d, s.decay);
  for (std::size_t i = 0; i < n; i += width<float>) {
    const std::size_t valid = n - i;
    const auto wi = load_some<float>(w + i, valid);
    auto gi = load_some(g + i, valid);
    if (s.decay != 0) gi = hn::MulAdd(wi, decay, gi);
    if (v != nullptr) {
      const auto vi = hn::Add(hn::Mul(load_some<float>(v + i, valid), momentum), gi);
      store_some<float>(vi, v + i, valid);
      gi = s.kind == Momentum::nesterov ? hn::MulAdd(vi, momentum, gi) : vi;
    }
    store_some<float>(hn::MulAdd(gi, hn::Set(d, s.minus_rate), wi), w + i, valid);
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
HWY_EXPORT(sgd_range);
}

void sgd(const SgdStep& step, ConstFloats g, Floats w, Floats v, ThreadPool& pool) noexcept {
  const bool has_momentum = step.momentum != 0;
  GROK_ASSERT(g.size() == w.size() && (!has_momentum || v.size() == w.size()));
  const SgdScalars s{static_cast<float>(-step.lr), static_cast<float>(step.momentum),
                     static_cast<float>(step.weight_decay), step.kind};
  const auto range = GROK_DISPATCH(sgd_range);
  for_ranges(pool, static_cast<std::int64_t>(w.size()), rows_per_chunk(1),
             [&](std::size_t i, std::size_t end) noexcept {
               range(s, g.data() + i, w.data() + i, has_momentum ? v.data() + i : nullptr, end - i);
             });
}

}  // namespace grok
#endif  // HWY_ONCE
