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
  float decay;  // of the gradient, or of the way to w0
};
struct AdamWArrays {
  const float *g, *w0;
  float *w, *m, *v;
};
/// What the first line of a step does to weight and gradient.
enum class FirstLine { decay, decay_to_w0, l2, l2_to_w0 };
}  // namespace
}  // namespace grok
#endif

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {

template <FirstLine first>
void adamw_step(const AdamWScalars& s, const AdamWArrays& a, std::size_t n) {
  constexpr Full<float> d;
  constexpr bool is_l2 = first == FirstLine::l2 || first == FirstLine::l2_to_w0;
  constexpr bool has_w0 = first == FirstLine::decay_to_w0 || first == FirstLine::l2_to_w0;
  for (std::size_t i = 0; i < n; i += width<float>) {
    const std::size_t valid = n - i;
    auto gi = load_some(a.g + i, valid);
    auto wi = load_some<float>(a.w + i, valid);
    auto way = wi;
    if constexpr (has_w0) way = hn::Sub(wi, load_some(a.w0 + i, valid));
    if constexpr (is_l2)
      gi = hn::MulAdd(way, hn::Set(d, s.decay), gi);
    else if constexpr (has_w0)
      wi = hn::NegMulAdd(way, hn::Set(d, s.decay), wi);
    else
      wi = hn::Mul(wi, hn::Set(d, s.keep));
    const auto mi = hn::MulAdd(gi, hn::Set(d, s.take1),
                               hn::Mul(load_some<float>(a.m + i, valid), hn::Set(d, s.beta1)));
    const auto vi = hn::Add(hn::Mul(load_some<float>(a.v + i, valid), hn::Set(d, s.beta2)),
                            hn::Mul(hn::Mul(hn::Set(d, s.take2), gi), gi));
    const auto root = hn::Div(hn::Sqrt(vi), hn::Set(d, s.root_correction2));
    const auto change =
        hn::Div(hn::Mul(hn::Set(d, s.minus_rate), mi), hn::Add(root, hn::Set(d, s.eps)));
    store_some<float>(mi, a.m + i, valid);
    store_some<float>(vi, a.v + i, valid);
    store_some<float>(hn::Add(wi, change), a.w + i, valid);
  }
}

void adamw_range(FirstLine first, const AdamWScalars& s, const AdamWArrays& a, std::size_t n) {
  switch (first) {
    case FirstLine::decay:
      return adamw_step<FirstLine::decay>(s, a, n);
    case FirstLine::decay_to_w0:
      return adamw_step<FirstLine::decay_to_w0>(s, a, n);
    case FirstLine::l2:
      return adamw_step<FirstLine::l2>(s, a, n);
    case FirstLine::l2_to_w0:
      return adamw_step<FirstLine::l2_to_w0>(s, a, n);
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

FirstLine first_line(Decay decay, bool has_w0) {
  if (decay == Decay::l2) return has_w0 ? FirstLine::l2_to_w0 : FirstLine::l2;
  return has_w0 ? FirstLine::decay_to_w0 : FirstLine::decay;
}
}  // namespace

void adamw(const AdamWStep& step, ConstFloats g, Floats w, Floats m, Floats v, ConstFloats w0,
           ThreadPool& pool) noexcept {
  GROK_ASSERT(g.size() == w.size() && m.size() == w.size() && v.size() == w.size());
  GROK_ASSERT(w0.empty() || w0.size() == w.size());
  const bool is_l2 = step.decay == Decay::l2;
  const AdamWScalars s{static_cast<float>(1 - step.lr * step.weight_decay),
                       static_cast<float>(step.beta1),
                       static_cast<float>(1 - step.beta1),
                       static_cast<float>(step.beta2),
                       static_cast<float>(1 - step.beta2),
                       static_cast<float>(std::sqrt(step.bias_correction2)),
                       static_cast<float>(step.eps),
                       static_cast<float>(-step.lr / step.bias_correction1),
                       static_cast<float>((is_l2 ? 1 : step.lr) * step.weight_decay)};
  const FirstLine first = first_line(step.decay, !w0.empty());
  const auto range = GROK_DISPATCH(adamw_range);
  for_ranges(pool, static_cast<std::int64_t>(w.size()), rows_per_chunk(1),
             [&](std::size_t i, std::size_t end) noexcept {
               const AdamWArrays arrays{g.data() + i, w0.empty() ? nullptr : w0.data() + i,
                                        w.data() + i, m.data() + i, v.data() + i};
               range(first, s, arrays, end - i);
             });
}

}  // namespace grok
#endif  // HWY_ONCE
