#include "grok/kernels/elementwise.h"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/elementwise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"
#include "grok/kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {
using F = Vector<float>;
constexpr Full<float> d;

// `a` and `b` are the inputs' vectors; every kernel has the same signature, and ignores what it
// does not need.
#define GROK_ELEMENTWISE(name, expression)                                          \
  void name(const float* pa, const float* pb, [[maybe_unused]] float s, float* out, \
            std::size_t n) {                                                        \
    for (std::size_t i = 0; i < n; i += width<float>) {                             \
      const F a = load_some(pa + i, n - i);                                         \
      [[maybe_unused]] const F b = load_some(pb + i, n - i);                        \
      store_some<float>(expression, out + i, n - i);                                \
    }                                                                               \
  }
// max(a, 0) would turn NaN into 0.
GROK_ELEMENTWISE(relu_range, hn::IfThenElse(hn::Lt(a, hn::Zero(d)), hn::Zero(d), a))
GROK_ELEMENTWISE(relu_grad_range, hn::IfThenElseZero(hn::Gt(a, hn::Zero(d)), b))
GROK_ELEMENTWISE(tanh_range, tanh_of(d, a))
GROK_ELEMENTWISE(tanh_grad_range, hn::Mul(hn::NegMulAdd(a, a, hn::Set(d, 1.0f)), b))
GROK_ELEMENTWISE(add_range, hn::Add(a, b))
GROK_ELEMENTWISE(multiply_range, hn::Mul(a, b))
GROK_ELEMENTWISE(scale_range, hn::Mul(a, hn::Set(d, s)))
#undef GROK_ELEMENTWISE

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "grok/base/error.h"
#include "grok/kernels/dispatch.h"

namespace grok {
namespace {
HWY_EXPORT(relu_range);
HWY_EXPORT(relu_grad_range);
HWY_EXPORT(tanh_range);
HWY_EXPORT(tanh_grad_range);
HWY_EXPORT(add_range);
HWY_EXPORT(multiply_range);
HWY_EXPORT(scale_range);

using Range = void (*)(const float*, const float*, float, float*, std::size_t);

void over(ConstFloats a, ConstFloats b, float s, Floats out, ThreadPool& pool,
          Range range) noexcept {
  GROK_ASSERT(a.size() == out.size() && b.size() == out.size());
  for_ranges(pool, static_cast<std::int64_t>(out.size()), rows_per_chunk(1),
             [&](std::size_t begin, std::size_t end) noexcept {
               range(a.data() + begin, b.data() + begin, s, out.data() + begin, end - begin);
             });
}
}  // namespace

void relu(ConstFloats x, Floats out, ThreadPool& pool) noexcept {
  over(x, x, 0, out, pool, GROK_DISPATCH(relu_range));
}
void relu_grad(ConstFloats x, ConstFloats dy, Floats dx, ThreadPool& pool) noexcept {
  over(x, dy, 0, dx, pool, GROK_DISPATCH(relu_grad_range));
}
void tanh(ConstFloats x, Floats out, ThreadPool& pool) noexcept {
  over(x, x, 0, out, pool, GROK_DISPATCH(tanh_range));
}
void tanh_grad(ConstFloats y, ConstFloats dy, Floats dx, ThreadPool& pool) noexcept {
  over(y, dy, 0, dx, pool, GROK_DISPATCH(tanh_grad_range));
}
void add(ConstFloats a, ConstFloats b, Floats out, ThreadPool& pool) noexcept {
  over(a, b, 0, out, pool, GROK_DISPATCH(add_range));
}
void multiply(ConstFloats a, ConstFloats b, Floats out, ThreadPool& pool) noexcept {
  over(a, b, 0, out, pool, GROK_DISPATCH(multiply_range));
}
void scale(ConstFloats x, float factor, Floats out, ThreadPool& pool) noexcept {
  over(x, x, factor, out, pool, GROK_DISPATCH(scale_range));
}

namespace {
void by_rows(ConstFloats a, ConstFloats b, Floats out, ThreadPool& pool, Range range) noexcept {
  GROK_ASSERT(a.size() == out.size() && (b.empty() ? a.empty() : a.size() % b.size() == 0));
  if (b.empty()) return;
  const std::size_t n = b.size();
  for_ranges(pool, static_cast<std::int64_t>(a.size() / n),
             rows_per_chunk(static_cast<std::int64_t>(n)),
             [&](std::size_t begin, std::size_t end) noexcept {
               for (std::size_t row = begin; row < end; ++row)
                 range(a.data() + row * n, b.data(), 0, out.data() + row * n, n);
             });
}
}  // namespace

void add_rows(ConstFloats a, ConstFloats b, Floats out, ThreadPool& pool) noexcept {
  by_rows(a, b, out, pool, GROK_DISPATCH(add_range));
}
void multiply_rows(ConstFloats a, ConstFloats b, Floats out, ThreadPool& pool) noexcept {
  by_rows(a, b, out, pool, GROK_DISPATCH(multiply_range));
}

}  // namespace grok
#endif  // HWY_ONCE
