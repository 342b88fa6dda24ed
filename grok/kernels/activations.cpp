#include "grok/kernels/activations.h"

#include <cstddef>
#include <iterator>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/activations.cpp"
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

// Beyond it every share is 0 or 1 to the last bit, so x may be held there: nothing overflows.
constexpr float far = 128;

/// s and x s' at some x.
struct Share {
  F s, rise;
};

/// Horner's rule; c[0] is the constant term.
template <std::size_t n>
HWY_INLINE F polynomial(const float (&c)[n], F x) {
  F sum = hn::Set(d, c[n - 1]);
#pragma GCC unroll 16
  for (int i = static_cast<int>(n) - 2; i >= 0; --i) sum = hn::MulAdd(sum, x, hn::Set(d, c[i]));
  return sum;
}

/// The normal distribution. Beyond t = |x| lies the share e^(-t^2 / 2) R(t), which keeps its
/// relative precision however small it is.
struct Normal {
  // R(t) (t + 4) as a polynomial in u = (t - 4) / (t + 4), which agrees with it at its Chebyshev
  // nodes for t <= 14.3. With coefficients rounded, the largest relative error is 2.6e-8.
  static constexpr float r[] = {0x1.82b4bcp-1f,  -0x1.373e3ap-1f, 0x1.8c6d8ep-2f,  -0x1.7dffb6p-3f,
                                0x1.eed9c0p-5f,  -0x1.ed5ae0p-8f, -0x1.cdfa98p-9f, 0x1.9bae7ep-10f,
                                0x1.9dc5fcp-13f, -0x1.ff404cp-14f};
  static constexpr float density_at_0 = 0x1.988454p-2f;  // 1 / sqrt(2 pi)

  static HWY_INLINE Share at(F x) {
    const F t = hn::Abs(x), one = hn::Set(d, 1.0f);
    // An error in the square is an error in the exponential as many times as large, so what its
    // rounding lost is made good.
    const F square = hn::Mul(t, t), lost = hn::MulSub(t, t, square), minus_half = hn::Set(d, -0.5f);
    const F rough = exp_of(d, hn::Mul(minus_half, square));
    const F e = hn::MulAdd(hn::Mul(minus_half, lost), rough, rough);
    const F inverse = hn::Div(one, hn::Add(t, hn::Set(d, 4.0f)));
    const F u = hn::NegMulAdd(hn::Set(d, 8.0f), inverse, one);
    const F beyond = hn::Mul(e, hn::Mul(polynomial(r, u), inverse));
    return {hn::IfThenElse(hn::Lt(x, hn::Zero(d)), beyond, hn::Sub(one, beyond)),
            hn::Mul(x, hn::Mul(e, hn::Set(d, density_at_0)))};
  }
};

/// s = 1 / (1 + e^-y), and s (1 - s) x_dy; x_dy is x times the slope of y.
HWY_INLINE Share logistic(F y, F x_dy) {
  const F one = hn::Set(d, 1.0f);
  const F e = exp_of(d, hn::Neg(hn::Abs(y)));
  const F larger = hn::Div(one, hn::Add(one, e)), smaller = hn::Mul(e, larger);
  return {hn::IfThenElse(hn::Lt(y, hn::Zero(d)), smaller, larger),
          hn::Mul(x_dy, hn::Mul(larger, smaller))};
}

struct Logistic {
  static HWY_INLINE Share at(F x) { return logistic(x, x); }
};

/// (1 + tanh(z)) / 2 is the logistic function of 2 z, without the cancellation below 0.
struct LogisticOfCubic {
  static constexpr float linear = 0x1.988454p+0f;   // 2 sqrt(2 / pi)
  static constexpr float cubic = 0x1.2444f2p-4f;    // 0.044715 of it
  static constexpr float cubic_3 = 0x1.b6676cp-3f;  // three times that

  static HWY_INLINE Share at(F x) {
    const F square = hn::Mul(x, x), by_x = hn::Set(d, linear);
    return logistic(hn::Mul(x, hn::MulAdd(square, hn::Set(d, cubic), by_x)),
                    hn::Mul(x, hn::MulAdd(square, hn::Set(d, cubic_3), by_x)));
  }
};

HWY_INLINE F at_least(F x, float low) { return hn::Max(x, hn::Set(d, low)); }
HWY_INLINE F held(F x) { return hn::Min(at_least(x, -far), hn::Set(d, far)); }
HWY_INLINE F unless_nan(F x, F value) { return hn::IfThenElse(hn::Eq(x, x), value, x); }

template <class S>
void values(const float* from, float* out, std::size_t n) {
  for (std::size_t i = 0; i < n; i += width<float>) {
    const F x = load_some(from + i, n - i);
    const F y = hn::Mul(at_least(x, -far), S::at(held(x)).s);
    store_some<float>(unless_nan(x, y), out + i, n - i);
  }
}

template <class S>
void slopes(const float* from, const float* dy, float* dx, std::size_t n) {
  for (std::size_t i = 0; i < n; i += width<float>) {
    const F x = load_some(from + i, n - i);
    const Share share = S::at(held(x));
    const F slope = unless_nan(x, hn::Add(share.s, share.rise));
    store_some<float>(hn::Mul(load_some(dy + i, n - i), slope), dx + i, n - i);
  }
}

#define GROK_ACTIVATION(name, S)                                                         \
  void name##_range(const float* x, float* out, std::size_t n) { values<S>(x, out, n); } \
  void name##_grad_range(const float* x, const float* dy, float* dx, std::size_t n) {    \
    slopes<S>(x, dy, dx, n);                                                             \
  }
GROK_ACTIVATION(gelu, Normal)
GROK_ACTIVATION(gelu_tanh, LogisticOfCubic)
GROK_ACTIVATION(silu, Logistic)
#undef GROK_ACTIVATION

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "grok/base/error.h"
#include "grok/kernels/dispatch.h"

namespace grok {
#define GROK_ACTIVATION(name)                                                             \
  HWY_EXPORT(name##_range);                                                               \
  HWY_EXPORT(name##_grad_range);                                                          \
  void name(ConstFloats x, Floats out, ThreadPool& pool) noexcept {                       \
    GROK_ASSERT(x.size() == out.size());                                                  \
    const auto range = GROK_DISPATCH(name##_range);                                       \
    for_ranges(pool, static_cast<std::int64_t>(x.size()), rows_per_chunk(1),              \
               [&](std::size_t i, std::size_t end) noexcept {                             \
                 range(x.data() + i, out.data() + i, end - i);                            \
               });                                                                        \
  }                                                                                       \
  void name##_grad(ConstFloats x, ConstFloats dy, Floats dx, ThreadPool& pool) noexcept { \
    GROK_ASSERT(x.size() == dy.size() && x.size() == dx.size());                          \
    const auto range = GROK_DISPATCH(name##_grad_range);                                  \
    for_ranges(pool, static_cast<std::int64_t>(x.size()), rows_per_chunk(1),              \
               [&](std::size_t i, std::size_t end) noexcept {                             \
                 range(x.data() + i, dy.data() + i, dx.data() + i, end - i);              \
               });                                                                        \
  }
GROK_ACTIVATION(gelu)
GROK_ACTIVATION(gelu_tanh)
GROK_ACTIVATION(silu)
#undef GROK_ACTIVATION
}  // namespace grok
#endif  // HWY_ONCE
