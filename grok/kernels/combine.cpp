#include "grok/kernels/combine.h"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/combine.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {

void combine_range(float a, const float* x, float b, const float* y, float* out, std::size_t n) {
  constexpr Full<float> d;
  const auto by_a = hn::Set(d, a), by_b = hn::Set(d, b);
  for (std::size_t i = 0; i < n; i += width<float>) {
    const std::size_t valid = n - i;
    const auto ax = hn::Mul(load_some(x + i, valid), by_a);
    store_some<float>(hn::MulAdd(load_some(y + i, valid), by_b, ax), out + i, valid);
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
HWY_EXPORT(combine_range);
}

void combine(double a, ConstFloats x, double b, ConstFloats y, Floats out,
             ThreadPool& pool) noexcept {
  GROK_ASSERT(x.size() == y.size() && x.size() == out.size());
  const auto range = GROK_DISPATCH(combine_range);
  for_ranges(pool, static_cast<std::int64_t>(x.size()), numbers_per_chunk,
             [&](std::size_t i, std::size_t end) noexcept {
               range(static_cast<float>(a), x.data() + i, static_cast<float>(b), y.data() + i,
                     out.data() + i, end - i);
             });
}

}  // namespace grok
#endif  // HWY_ONCE
