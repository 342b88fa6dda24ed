// exp of numbers that are not above 0: all that a softmax asks for, once the largest logit of the
// row is subtracted. Cheaper than math-inl.h's exp by its handling of overflow, and as exact.
// Included once per target.

#if defined(GROK_KERNELS_EXP_BELOW_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef GROK_KERNELS_EXP_BELOW_INL_H_
#undef GROK_KERNELS_EXP_BELOW_INL_H_
#else
#define GROK_KERNELS_EXP_BELOW_INL_H_
#endif

#include <cstddef>
#include <iterator>

#include <hwy/highway.h>

#include "grok/kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {

/// e^r = 1 + r + r^2 p(r) for |r| <= ln(2) / 2; p agrees with it at its Chebyshev nodes. With p's
/// coefficients rounded, the largest relative error is 1.6e-17 (double) and 9.7e-9 (float).
template <class T>
struct ExpBelow;
template <>
struct ExpBelow<float> {
  static constexpr float p[] = {0x1.000000p-1f, 0x1.5554dep-3f, 0x1.55551ap-5f, 0x1.120b62p-7f,
                                0x1.6d10fcp-10f};
  static constexpr float ln2 = 0x1.62e430p-1f;
  static constexpr float smallest = -87.0f;  // e^-87 is still a normal number
};
template <>
struct ExpBelow<double> {
  static constexpr double p[] = {
      0x1.0000000000001p-1,  0x1.5555555555556p-3,  0x1.5555555553d68p-5,  0x1.11111111109b5p-7,
      0x1.6c16c17889ef1p-10, 0x1.a01a01a7c2efep-13, 0x1.a019b9149a41cp-16, 0x1.71de0db2f6b19p-19,
      0x1.28917c89a43a7p-22, 0x1.af389ecfc4b9cp-26};
  static constexpr double ln2 = 0x1.62e42fefa39efp-1;
  static constexpr double smallest = -708.0;
};

/// e^x for x <= 0; below -87 (float) and -708 (double), where the format's normal numbers end, e to
/// that; NaN for NaN; no promise above 0.
template <class D, class V>
HWY_INLINE V exp_below(D d, V given) {
  using T = hn::TFromD<D>;
  using E = ExpBelow<T>;
  // In this order, since x86's max gives the second where one is NaN.
  const V x = hn::Max(hn::Set(d, E::smallest), given);
  const hn::RebindToUnsigned<D> bits;
  // n = x / ln 2, rounded, in the lowest bits of `pushed`.
  const V magic = hn::Set(d, Format<T>::magic);
  const V pushed = hn::MulAdd(x, hn::Set(d, Format<T>::log2_e), magic);
#if HWY_TARGET <= HWY_AVX2
  // One constant for ln 2 will do: it moves the result as half a unit in the last place of x would.
  const V r = hn::NegMulAdd(hn::Sub(pushed, magic), hn::Set(d, E::ln2), x);
#else
  // Without fused multiply-add the product is rounded too, and that would be seen.
  V whole;
  const V r = reduce(d, x, whole);
#endif
  constexpr int degree = static_cast<int>(std::size(E::p)) - 1;
  V sum = hn::Set(d, E::p[degree]);
#pragma GCC unroll 16
  for (int i = degree - 1; i >= 0; --i) sum = hn::MulAdd(sum, r, hn::Set(d, E::p[i]));
  sum = hn::MulAdd(sum, r, hn::Set(d, 1));
  sum = hn::MulAdd(sum, r, hn::Set(d, 1));
  const auto n = hn::ShiftLeft<Format<T>::mantissa>(hn::BitCast(bits, pushed));
  if constexpr (sizeof(T) == 8) {
    // Times 2^n, by adding n to the exponent. A NaN stays one: its last bits, which move into the
    // exponent, are zeros, as those of any double that was a float.
    return hn::BitCast(d, hn::Add(hn::BitCast(bits, sum), n));
  }
  return hn::Mul(sum, hn::BitCast(d, hn::Add(hn::BitCast(bits, hn::Set(d, 1)), n)));
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#endif  // GROK_KERNELS_EXP_BELOW_INL_H_
