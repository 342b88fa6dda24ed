// exp, log, log1p and tanh on vectors of float or double, with the same bits on every target that
// fuses multiply and add. The polynomials are Taylor series, cut where the next term falls below a
// tenth of a unit in the last place; math_test.cpp measures the errors. Included once per target.

#if defined(GROK_KERNELS_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef GROK_KERNELS_MATH_INL_H_
#undef GROK_KERNELS_MATH_INL_H_
#else
#define GROK_KERNELS_MATH_INL_H_
#endif

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

/// What the two formats differ in.
template <class T>
struct Format;
template <>
struct Format<float> {
  using Bits = std::uint32_t;
  static constexpr int mantissa = 23, bias = 127;
  // Adding this pushes an integer into the lowest bits of the mantissa, rounded to nearest.
  static constexpr float magic = 0x1.8p23f;
  static constexpr float log2_e = 0x1.715476p+0f;
  // ln 2 in two parts; the first has trailing zeros, so that a multiple of it is exact.
  static constexpr float ln2_high = 0x1.62ep-1f, ln2_low = 0x1.0bfbe8p-15f;
  static constexpr float exp_min = -104.5f, exp_max = 89.0f;
  static constexpr float min_normal = 0x1p-126f, sqrt_half = 0x1.6a09e6p-1f;
  static constexpr int exp_terms = 7, log_terms = 5;
};
template <>
struct Format<double> {
  using Bits = std::uint64_t;
  static constexpr int mantissa = 52, bias = 1023;
  static constexpr double magic = 0x1.8p52;
  static constexpr double log2_e = 0x1.71547652b82fep+0;
  static constexpr double ln2_high = 0x1.62e42fee00000p-1, ln2_low = 0x1.a39ef35793c76p-33;
  static constexpr double exp_min = -746.0, exp_max = 710.0;
  static constexpr double min_normal = 0x1p-1022, sqrt_half = 0x1.6a09e667f3bcdp-1;
  static constexpr int exp_terms = 13, log_terms = 10;
};

/// 1 / n!, rounded once.
constexpr double inverse_factorial(int n) {
  double product = 1;
  for (int i = 2; i <= n; ++i) product *= i;
  return 1 / product;
}

/// 2^n for integral n in [-bias + 1, bias].
template <class D, class V>
HWY_INLINE V power_of_two(D d, V n) {
  using F = Format<hn::TFromD<D>>;
  const hn::RebindToUnsigned<D> bits;
  const auto low = hn::BitCast(bits, hn::Add(n, hn::Set(d, F::magic)));
  return hn::BitCast(d, hn::ShiftLeft<F::mantissa>(hn::Add(low, hn::Set(bits, F::bias))));
}

template <class D, class V>
HWY_INLINE V nearest_integer(D d, V x) {
  const V magic = hn::Set(d, Format<hn::TFromD<D>>::magic);
  return hn::Sub(hn::Add(x, magic), magic);
}

/// x = n ln 2 + r with |r| <= ln(2) / 2; returns r.
template <class D, class V>
HWY_INLINE V reduce(D d, V x, V& n) {
  using F = Format<hn::TFromD<D>>;
  n = nearest_integer(d, hn::Mul(x, hn::Set(d, F::log2_e)));
  const V r = hn::NegMulAdd(n, hn::Set(d, F::ln2_high), x);
  return hn::NegMulAdd(n, hn::Set(d, F::ln2_low), r);
}

/// (exp(r) - 1) / r for |r| <= ln(2) / 2.
template <class D, class V>
HWY_INLINE V exp_series(D d, V r) {
  using T = hn::TFromD<D>;
  constexpr int terms = Format<T>::exp_terms;
  V sum = hn::Set(d, static_cast<T>(inverse_factorial(terms)));
#pragma GCC unroll 16
  for (int i = terms - 1; i >= 1; --i)
    sum = hn::MulAdd(sum, r, hn::Set(d, static_cast<T>(inverse_factorial(i))));
  return sum;
}

/// e^x; 0 and inf beyond the format's range; NaN for NaN.
template <class D, class V>
HWY_INLINE V exp_of(D d, V x) {
  using F = Format<hn::TFromD<D>>;
  const V held = hn::Min(hn::Max(x, hn::Set(d, F::exp_min)), hn::Set(d, F::exp_max));
  V n;
  const V r = reduce(d, held, n);
  const V e = hn::MulAdd(exp_series(d, r), r, hn::Set(d, 1));
  // Two factors: one alone would overflow near the largest number and near the smallest.
  const V half = nearest_integer(d, hn::Mul(n, hn::Set(d, hn::TFromD<D>(0.5))));
  const V y = hn::Mul(hn::Mul(e, power_of_two(d, half)), power_of_two(d, hn::Sub(n, half)));
  return hn::IfThenElse(hn::Eq(x, x), y, x);
}

/// Natural logarithm; -inf at 0, NaN below 0 and for NaN, inf for inf.
template <class D, class V>
HWY_INLINE V log_of(D d, V x) {
  using T = hn::TFromD<D>;
  using F = Format<T>;
  using Bits = typename F::Bits;
  const hn::RebindToUnsigned<D> bits;
  const hn::RebindToSigned<D> ints;
  const V one = hn::Set(d, 1);
  const auto is_tiny = hn::Lt(x, hn::Set(d, F::min_normal));
  const V scale = hn::Set(d, static_cast<T>(Bits{1} << (F::mantissa + 1)));
  const V y = hn::IfThenElse(is_tiny, hn::Mul(x, scale), x);

  // y = 2^e m with m in [sqrt(1/2), sqrt(2)).
  const auto root = hn::Set(bits, std::bit_cast<Bits>(F::sqrt_half));
  const auto above = hn::Sub(hn::BitCast(bits, y), root);
  const auto e_bits = hn::ShiftRight<F::mantissa>(hn::BitCast(ints, above));
  const V m = hn::BitCast(
      d, hn::Sub(hn::BitCast(bits, y), hn::BitCast(bits, hn::ShiftLeft<F::mantissa>(e_bits))));
  const V magic = hn::Set(d, F::magic);
  V e = hn::Sub(hn::BitCast(d, hn::Add(hn::BitCast(ints, magic), e_bits)), magic);
  e = hn::Sub(e, hn::IfThenElseZero(is_tiny, hn::Set(d, static_cast<T>(F::mantissa + 1))));

  // ln m = 2 artanh(s) with s = (m - 1) / (m + 1), written so that the largest term, f = m - 1, is
  // exact and added last.
  const V f = hn::Sub(m, one);
  const V s = hn::Div(f, hn::Add(hn::Set(d, 2), f));
  const V s2 = hn::Mul(s, s);
  V series = hn::Set(d, static_cast<T>(2.0 / (2 * F::log_terms + 1)));
#pragma GCC unroll 16
  for (int i = F::log_terms - 1; i >= 1; --i)
    series = hn::MulAdd(series, s2, hn::Set(d, static_cast<T>(2.0 / (2 * i + 1))));
  series = hn::Mul(series, s2);
  const V half_square = hn::Mul(hn::Mul(f, f), hn::Set(d, T(0.5)));
  const V low = hn::MulAdd(e, hn::Set(d, F::ln2_low), hn::Mul(s, hn::Add(half_square, series)));
  const V value = hn::MulAdd(e, hn::Set(d, F::ln2_high), hn::Sub(f, hn::Sub(half_square, low)));

  const V inf = hn::Inf(d);
  const V at_edge = hn::IfThenElse(hn::Eq(x, hn::Zero(d)), hn::Neg(inf), hn::NaN(d));
  const V finite = hn::IfThenElse(hn::Gt(x, hn::Zero(d)), value, at_edge);
  return hn::IfThenElse(hn::Eq(x, inf), inf, finite);
}

/// ln(1 + x) for x >= 0, to full relative precision at small x.
template <class D, class V>
HWY_INLINE V log1p_of(D d, V x) {
  const V one = hn::Set(d, 1);
  const V u = hn::Add(one, x);
  // u is 1 + x rounded; what the rounding lost changes the logarithm by (lost / u).
  const V lost = hn::Sub(x, hn::Sub(u, one));
  const V value = hn::Add(log_of(d, u), hn::Div(lost, u));
  return hn::IfThenElse(hn::Eq(u, hn::Inf(d)), u, value);
}

/// Hyperbolic tangent.
template <class D, class V>
HWY_INLINE V tanh_of(D d, V x) {
  using T = hn::TFromD<D>;
  // tanh(x) = z / (z + 2) with z = exp(2x) - 1, which keeps small x exact. At 20 it is 1.
  const V magnitude = hn::Min(hn::Abs(x), hn::Set(d, T(20)));
  V n;
  const V r = reduce(d, hn::Add(magnitude, magnitude), n);
  const V small = hn::Mul(exp_series(d, r), r);
  const V power = power_of_two(d, n);
  const V z = hn::MulAdd(small, power, hn::Sub(power, hn::Set(d, 1)));
  const V y = hn::Div(z, hn::Add(z, hn::Set(d, 2)));
  return hn::IfThenElse(hn::Eq(x, x), hn::CopySign(y, x), x);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#endif  // GROK_KERNELS_MATH_INL_H_
