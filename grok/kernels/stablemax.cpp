#include "grok/kernels/stablemax.h"

#include <algorithm>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/stablemax.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"
#include "grok/kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {

// C is the type of the arithmetic.

template <class C>
HWY_INLINE Vector<C> s_of(Vector<C> x) {
  const Full<C> d;
  const auto one = hn::Set(d, C{1});
  return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Div(one, hn::Sub(one, x)), hn::Add(x, one));
}

// 1 above 0; below, the square of s.
template <class C>
HWY_INLINE Vector<C> slope_of(Vector<C> x, Vector<C> s) {
  const Full<C> d;
  return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Mul(s, s), hn::Set(d, C{1}));
}

/// A row: s of its numbers, but for the label's, summed; and what belongs to the label.
template <class C>
struct Row {
  const float* x;
  std::size_t n, label;
  C others = 0, at_label = 0, slope_at_label = 0;

  HWY_INLINE Row(const float* row, std::size_t its_n, std::size_t its_label)
      : x(row), n(its_n), label(its_label) {
    using Numbers = hn::RebindToUnsigned<Full<C>>;
    using Number = hwy::MakeUnsigned<C>;
    const Numbers numbers;
    const auto at = hn::Set(numbers, static_cast<Number>(label));
    const auto other = [&](std::size_t i, std::size_t valid) HWY_ATTR {
      const auto is_label = hn::Eq(hn::Iota(numbers, static_cast<Number>(i)), at);
      const auto s = keep_some<C>(s_of<C>(load_as(x + i, valid, C{})), valid);
      return hn::IfThenZeroElse(hn::RebindMask(Full<C>(), is_label), s);
    };
    others = sum_in_lanes<C>(other, n);
    const auto of_label = hn::Set(Full<C>(), static_cast<C>(x[label]));
    const auto s = s_of<C>(of_label);
    at_label = hn::GetLane(s);
    slope_at_label = hn::GetLane(slope_of<C>(of_label, s));
  }
};

template <class C>
void losses_of(const float* x, const Token* labels, std::size_t n, std::size_t begin,
               std::size_t end, double* losses) {
  const Full<C> d;
  for (std::size_t row = begin; row < end; ++row) {
    const Row<C> r(x + row * n, n, static_cast<std::size_t>(labels[row]));
    const auto share = hn::Set(d, r.others / r.at_label);
    losses[row] = static_cast<double>(hn::GetLane(log1p_of(d, share)));
  }
}

template <class C>
void grad_of(const float* x, const Token* labels, std::size_t n, std::size_t begin, std::size_t end,
             const double* d_losses, float* dx) {
  const Full<C> d;
  for (std::size_t row = begin; row < end; ++row) {
    const Row<C> r(x + row * n, n, static_cast<std::size_t>(labels[row]));
    float* const to = dx + row * n;
    const C factor = static_cast<C>(d_losses[row]) / (r.others + r.at_label);
    for (std::size_t i = 0; i < n; i += width<C>) {
      const auto v = load_as(r.x + i, n - i, C{});
      const auto slope = slope_of<C>(v, s_of<C>(v));
      store_rounded(hn::Mul(slope, hn::Set(d, factor)), to + i, n - i, C{});
    }
    to[r.label] = static_cast<float>(-factor * r.slope_at_label * (r.others / r.at_label));
  }
}

#define GROK_FOR_ARITHMETIC(C)                                                           \
  void losses_##C(const float* x, const Token* labels, std::size_t n, std::size_t begin, \
                  std::size_t end, double* losses) {                                     \
    losses_of<C>(x, labels, n, begin, end, losses);                                      \
  }                                                                                      \
  void grad_##C(const float* x, const Token* labels, std::size_t n, std::size_t begin,   \
                std::size_t end, const double* d_losses, float* dx) {                    \
    grad_of<C>(x, labels, n, begin, end, d_losses, dx);                                  \
  }
GROK_FOR_ARITHMETIC(float)
GROK_FOR_ARITHMETIC(double)
#undef GROK_FOR_ARITHMETIC

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "grok/base/error.h"
#include "grok/kernels/dispatch.h"

namespace grok {
namespace {
HWY_EXPORT(losses_float);
HWY_EXPORT(losses_double);
HWY_EXPORT(grad_float);
HWY_EXPORT(grad_double);
}  // namespace

void stablemax(ConstFloats x, std::int64_t n, Tokens labels, Arithmetic arithmetic,
               std::span<double> losses, ThreadPool& pool) noexcept {
  GROK_ASSERT(std::ssize(x) == n * std::ssize(losses) && labels.size() == losses.size());
  const auto kernel = arithmetic == Arithmetic::float32 ? GROK_DISPATCH(losses_float)
                                                        : GROK_DISPATCH(losses_double);
  for_ranges(pool, std::ssize(losses), rows_per_chunk(n),
             [&](std::size_t begin, std::size_t end) noexcept {
               kernel(x.data(), labels.data(), static_cast<std::size_t>(n), begin, end,
                      losses.data());
             });
}

void stablemax_grad(ConstFloats x, std::int64_t n, Tokens labels, Doubles d_losses,
                    Arithmetic arithmetic, Floats dx, ThreadPool& pool) noexcept {
  GROK_ASSERT(std::ssize(x) == n * std::ssize(d_losses) && x.size() == dx.size());
  GROK_ASSERT(labels.size() == d_losses.size());
  const auto kernel =
      arithmetic == Arithmetic::float32 ? GROK_DISPATCH(grad_float) : GROK_DISPATCH(grad_double);
  for_ranges(pool, std::ssize(d_losses), rows_per_chunk(n),
             [&](std::size_t begin, std::size_t end) noexcept {
               kernel(x.data(), labels.data(), static_cast<std::size_t>(n), begin, end,
                      d_losses.data(), dx.data());
             });
}

}  // namespace grok
#endif  // HWY_ONCE
