// Sums with one fixed shape on every target: 64 bytes of virtual lanes (sixteen floats or eight
// doubles), whatever the width of a vector, folded in one fixed order. Included once per target.

#if defined(GROK_KERNELS_LANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef GROK_KERNELS_LANES_INL_H_
#undef GROK_KERNELS_LANES_INL_H_
#else
#define GROK_KERNELS_LANES_INL_H_
#endif

#include <cstddef>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using Full = hn::ScalableTag<T>;
template <class T>
using Vector = hn::Vec<Full<T>>;
template <class T>
constexpr std::size_t width = HWY_LANES(T);
template <class T>
constexpr std::size_t virtual_lanes = 64 / sizeof(T);
template <class T>
constexpr std::size_t n_parts = virtual_lanes<T> / width<T>;

/// The first `valid` numbers at `from`, fewer than a vector, and zeros; reads nothing beyond them.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> load_partial(D d, const T* from, std::size_t valid) {
#if HWY_TARGET <= HWY_AVX2
  return hn::MaskedLoad(hn::FirstN(d, valid), d, from);
#else
  // Without masked instructions Highway reads the whole vector, and wants it aligned.
  HWY_ALIGN T lane[HWY_LANES(T)] = {};
  for (std::size_t i = 0; i < valid; ++i) lane[i] = from[i];
  return hn::Load(d, lane);
#endif
}

/// Stores the first `valid` lanes, fewer than a vector, and touches nothing beyond them.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE void store_partial(hn::Vec<D> value, D d, T* to, std::size_t valid) {
#if HWY_TARGET <= HWY_AVX2
  hn::BlendedStore(value, hn::FirstN(d, valid), d, to);
#else
  HWY_ALIGN T lane[HWY_LANES(T)];
  hn::Store(value, d, lane);
  for (std::size_t i = 0; i < valid; ++i) to[i] = lane[i];
#endif
}

/// The first `valid` numbers at `from`, and zeros if they are fewer than a vector.
template <class T>
HWY_INLINE Vector<T> load_some(const T* from, std::size_t valid) {
  const Full<T> d;
  if (HWY_LIKELY(valid >= width<T>)) return hn::LoadU(d, from);
  return load_partial(d, from, valid);
}

/// Stores the first `valid` lanes only.
template <class T>
HWY_INLINE void store_some(Vector<T> value, T* to, std::size_t valid) {
  const Full<T> d;
  if (HWY_LIKELY(valid >= width<T>))
    hn::StoreU(value, d, to);
  else
    store_partial(value, d, to, valid);
}

/// Floats as numbers of type C, as many as a vector of C has: the first `valid`, and zeros.
HWY_INLINE Vector<float> load_as(const float* from, std::size_t valid, float) {
  return load_some(from, valid);
}
HWY_INLINE Vector<double> load_as(const float* from, std::size_t valid, double) {
  const Full<double> d;
  const hn::Rebind<float, Full<double>> narrow;
  if (HWY_LIKELY(valid >= width<double>)) return hn::PromoteTo(d, hn::LoadU(narrow, from));
  return hn::PromoteTo(d, load_partial(narrow, from, valid));
}

/// Stores the first `valid` lanes, rounded to float.
HWY_INLINE void store_rounded(Vector<float> value, float* to, std::size_t valid, float) {
  store_some<float>(value, to, valid);
}
HWY_INLINE void store_rounded(Vector<double> value, float* to, std::size_t valid, double) {
  const hn::Rebind<float, Full<double>> narrow;
  const auto rounded = hn::DemoteTo(narrow, value);
  if (HWY_LIKELY(valid >= width<double>))
    hn::StoreU(rounded, narrow, to);
  else
    store_partial(rounded, narrow, to, valid);
}

/// Zeros beyond the first `valid` lanes.
template <class T>
HWY_INLINE Vector<T> keep_some(Vector<T> value, std::size_t valid) {
  const Full<T> d;
  if (HWY_LIKELY(valid >= width<T>)) return value;
  return hn::IfThenElseZero(hn::FirstN(d, valid), value);
}

/// A running sum in virtual lanes: element j of a row belongs to lane j mod virtual_lanes.
template <class T>
struct LaneSum {
  Vector<T> part[n_parts<T>];

  LaneSum() {
    for (auto& p : part) p = hn::Zero(Full<T>());
  }

  /// Lane i meets lane i + half, for half = 8, 4, 2, 1 (doubles: 4, 2, 1).
  HWY_INLINE T fold() const {
    HWY_ALIGN T lane[virtual_lanes<T>];
    for (std::size_t i = 0; i < n_parts<T>; ++i) hn::Store(part[i], Full<T>(), lane + i * width<T>);
    constexpr std::size_t few = 16 / sizeof(T);
    const hn::FixedTag<T, few> d;  // 128 bits: every target has them
    constexpr std::size_t half = virtual_lanes<T> / 2;
    auto low = hn::Add(hn::Load(d, lane), hn::Load(d, lane + half));
    const auto high = hn::Add(hn::Load(d, lane + few), hn::Load(d, lane + half + few));
    low = hn::Add(low, high);
    hn::Store(low, d, lane);
    if constexpr (few == 4) return (lane[0] + lane[2]) + (lane[1] + lane[3]);
    return lane[0] + lane[1];
  }
};

/// The first 128 bits of a sum's lanes, once lane i has met lane i + 8 and then lane i + 4.
HWY_INLINE auto four_lanes(const LaneSum<float>& sum) {
#if HWY_TARGET <= HWY_AVX3
  const hn::Half<Full<float>> d;
  const auto eight = hn::Add(hn::LowerHalf(d, sum.part[0]), hn::UpperHalf(d, sum.part[0]));
#elif HWY_TARGET <= HWY_AVX2
  const Full<float> d;
  const auto eight = hn::Add(sum.part[0], sum.part[1]);
#endif
#if HWY_TARGET <= HWY_AVX2
  const hn::Half<decltype(d)> half;
  return hn::Add(hn::LowerHalf(half, eight), hn::UpperHalf(half, eight));
#else
  return hn::Add(hn::Add(sum.part[0], sum.part[2]), hn::Add(sum.part[1], sum.part[3]));
#endif
}

/// out[i] = sum[i].fold() for i in 0..3, the same bits, four sums as lanes.
HWY_INLINE void fold_four(const LaneSum<float>* sum, float* out) {
  const hn::FixedTag<float, 4> d;
  const auto s0 = four_lanes(sum[0]), s1 = four_lanes(sum[1]);
  const auto s2 = four_lanes(sum[2]), s3 = four_lanes(sum[3]);
  // Lane 0 + lane 2 of two sums, then lane 1 + lane 3 of them.
  const auto low = hn::Add(hn::InterleaveLower(d, s0, s1), hn::InterleaveUpper(d, s0, s1));
  const auto high = hn::Add(hn::InterleaveLower(d, s2, s3), hn::InterleaveUpper(d, s2, s3));
  hn::StoreU(hn::Add(hn::ConcatLowerLower(d, high, low), hn::ConcatUpperUpper(d, high, low)), d,
             out);
}

#if HWY_TARGET <= HWY_AVX3
/// Lane i of the result is sum[i].fold(), the same bits, for i in 0..15.
HWY_INLINE Vector<float> fold_sixteen(const LaneSum<float>* sum) {
  const Full<float> d;
  // Each step halves the sums: of two vectors one half of the lanes meets the other, and what they
  // give shares a vector. First 256 bits, then 128, then 64, then 32.
  const auto quarters = [&](std::size_t a, std::size_t b) HWY_ATTR {
    const auto x = sum[a].part[0].raw, y = sum[b].part[0].raw;
    return hn::Add(Vector<float>{_mm512_shuffle_f32x4(x, y, 0x44)},
                   Vector<float>{_mm512_shuffle_f32x4(x, y, 0xee)});
  };
  const auto eighths = [&](Vector<float> x, Vector<float> y) HWY_ATTR {
    return hn::Add(Vector<float>{_mm512_shuffle_f32x4(x.raw, y.raw, 0x88)},
                   Vector<float>{_mm512_shuffle_f32x4(x.raw, y.raw, 0xdd)});
  };
  // Blocks of 128 bits: sums a, b, a + 2 ... of the calls below.
  Vector<float> four[4];
#pragma GCC unroll 4
  for (std::size_t i = 0; i < 4; ++i)
    four[i] = eighths(quarters(i, i + 4), quarters(i + 8, i + 12));
  const auto low =
      hn::Add(hn::InterleaveLower(d, four[0], four[1]), hn::InterleaveUpper(d, four[0], four[1]));
  const auto high =
      hn::Add(hn::InterleaveLower(d, four[2], four[3]), hn::InterleaveUpper(d, four[2], four[3]));
  return hn::Add(Vector<float>{_mm512_shuffle_ps(low.raw, high.raw, 0x44)},
                 Vector<float>{_mm512_shuffle_ps(low.raw, high.raw, 0xee)});
}
#endif

/// The sum of n numbers in virtual lanes; x(offset, valid) gives them vector by vector, in order,
/// with zeros beyond the last.
template <class C, class X>
HWY_INLINE C sum_in_lanes(X&& x, std::size_t n) {
  LaneSum<C> sum;
  std::size_t i = 0;
  for (; i + virtual_lanes<C> <= n; i += virtual_lanes<C>) {
#pragma GCC unroll 4
    for (std::size_t part = 0; part < n_parts<C>; ++part)
      sum.part[part] = hn::Add(sum.part[part], x(i + part * width<C>, width<C>));
  }
#pragma GCC unroll 4
  for (std::size_t part = 0; part < n_parts<C>; ++part, i += width<C>)
    if (i < n) sum.part[part] = hn::Add(sum.part[part], x(i, n - i));
  return sum.fold();
}

/// Calls f(offset, valid, part) for the vectors of a row of n numbers, in order: `valid` numbers
/// exist from `offset` on, and they belong to virtual lanes of part `part`.
#define GROK_FOR_VECTORS(T, n, offset, valid, part)                 \
  for (std::size_t offset = 0, part = 0, valid = (n); offset < (n); \
       offset += width<T>, valid = (n)-offset, part = (part + 1) % n_parts<T>)

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#endif  // GROK_KERNELS_LANES_INL_H_
