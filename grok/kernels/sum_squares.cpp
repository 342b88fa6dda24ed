#include "grok/kernels/sum_squares.h"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/sum_squares.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {

void scaled(const float* x, std::size_t n, double factor, float* out) {
  const auto by = hn::Set(Full<double>(), factor);
  for (std::size_t i = 0; i < n; i += width<double>)
    store_rounded(hn::Mul(load_as(x + i, n - i, double{}), by), out + i, n - i, double{});
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
HWY_EXPORT(scaled);
}  // namespace

void sum_squares_grad(ConstFloats x, double d, Floats dx, ThreadPool& pool) noexcept {
  GROK_ASSERT(x.size() == dx.size());
  const auto kernel = GROK_DISPATCH(scaled);
  for_ranges(pool, std::ssize(x), rows_per_chunk(1),
             [&](std::size_t begin, std::size_t end) noexcept {
               kernel(x.data() + begin, end - begin, 2 * d, dx.data() + begin);
             });
}

}  // namespace grok
#endif  // HWY_ONCE
