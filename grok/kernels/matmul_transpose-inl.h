// Transposes small blocks in registers. Included once per target.

#if defined(GROK_KERNELS_MATMUL_TRANSPOSE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef GROK_KERNELS_MATMUL_TRANSPOSE_INL_H_
#undef GROK_KERNELS_MATMUL_TRANSPOSE_INL_H_
#else
#define GROK_KERNELS_MATMUL_TRANSPOSE_INL_H_
#endif

#include <cstddef>
#include <type_traits>

#include <hwy/highway.h>

#include "grok/kernels/matmul_blocks.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

/// Transposes 4 x 4 numbers.
HWY_INLINE void transpose_4(const float* HWY_RESTRICT from, std::size_t ld_from,
                            float* HWY_RESTRICT to, std::size_t ld_to) {
  const hn::FixedTag<float, 4> d;
  const hn::RepartitionToWide<decltype(d)> pairs;
  const auto r0 = hn::LoadU(d, from), r1 = hn::LoadU(d, from + ld_from);
  const auto r2 = hn::LoadU(d, from + 2 * ld_from), r3 = hn::LoadU(d, from + 3 * ld_from);
  const auto a0 = hn::BitCast(pairs, hn::InterleaveLower(d, r0, r1));
  const auto a1 = hn::BitCast(pairs, hn::InterleaveLower(d, r2, r3));
  const auto a2 = hn::BitCast(pairs, hn::InterleaveUpper(d, r0, r1));
  const auto a3 = hn::BitCast(pairs, hn::InterleaveUpper(d, r2, r3));
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, a0, a1)), d, to);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, a0, a1)), d, to + ld_to);
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, a2, a3)), d, to + 2 * ld_to);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, a2, a3)), d, to + 3 * ld_to);
}

#if HWY_TARGET <= HWY_AVX2
/// Transposes 8 x 8 numbers: pairs, then quads within halves, then the halves.
HWY_INLINE void transpose_8(const float* HWY_RESTRICT from, std::size_t ld_from,
                            float* HWY_RESTRICT to, std::size_t ld_to) {
  const hn::FixedTag<float, 8> d;
  const hn::RepartitionToWide<decltype(d)> pairs;
  using V = hn::Vec<decltype(d)>;
  V row[8], quad[8];
  GROK_UNROLL
  for (std::size_t r = 0; r < 8; ++r) row[r] = hn::LoadU(d, from + r * ld_from);
  GROK_UNROLL
  for (std::size_t h = 0; h < 8; h += 4) {
    const auto a0 = hn::BitCast(pairs, hn::InterleaveLower(d, row[h], row[h + 1]));
    const auto a1 = hn::BitCast(pairs, hn::InterleaveLower(d, row[h + 2], row[h + 3]));
    const auto a2 = hn::BitCast(pairs, hn::InterleaveUpper(d, row[h], row[h + 1]));
    const auto a3 = hn::BitCast(pairs, hn::InterleaveUpper(d, row[h + 2], row[h + 3]));
    quad[h] = hn::BitCast(d, hn::InterleaveLower(pairs, a0, a1));
    quad[h + 1] = hn::BitCast(d, hn::InterleaveUpper(pairs, a0, a1));
    quad[h + 2] = hn::BitCast(d, hn::InterleaveLower(pairs, a2, a3));
    quad[h + 3] = hn::BitCast(d, hn::InterleaveUpper(pairs, a2, a3));
  }
  GROK_UNROLL
  for (std::size_t r = 0; r < 4; ++r) {
    hn::StoreU(hn::ConcatLowerLower(d, quad[r + 4], quad[r]), d, to + r * ld_to);
    hn::StoreU(hn::ConcatUpperUpper(d, quad[r + 4], quad[r]), d, to + (r + 4) * ld_to);
  }
}
#endif

template <class T>
HWY_INLINE void transpose_scalar(std::size_t rows, std::size_t cols, const T* from,
                                 std::size_t ld_from, T* to, std::size_t ld_to) {
  for (std::size_t c = 0; c < cols; ++c)
    for (std::size_t r = 0; r < rows; ++r) to[c * ld_to + r] = from[r * ld_from + c];
}

/// to[c, r] = from[r, c], for any size.
template <class T>
void transpose(std::size_t rows, std::size_t cols, const T* HWY_RESTRICT from, std::size_t ld_from,
               T* HWY_RESTRICT to, std::size_t ld_to) {
  std::size_t r = 0;
  if constexpr (std::is_same_v<T, float>) {
#if HWY_TARGET <= HWY_AVX2
    for (; r + 8 <= rows; r += 8) {
      std::size_t c = 0;
      for (; c + 8 <= cols; c += 8)
        transpose_8(from + r * ld_from + c, ld_from, to + c * ld_to + r, ld_to);
      transpose_scalar(8, cols - c, from + r * ld_from + c, ld_from, to + c * ld_to + r, ld_to);
    }
#endif
    for (; r + 4 <= rows; r += 4) {
      std::size_t c = 0;
      for (; c + 4 <= cols; c += 4)
        transpose_4(from + r * ld_from + c, ld_from, to + c * ld_to + r, ld_to);
      transpose_scalar(4, cols - c, from + r * ld_from + c, ld_from, to + c * ld_to + r, ld_to);
    }
  }
  transpose_scalar(rows - r, cols, from + r * ld_from, ld_from, to + r, ld_to);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#endif  // GROK_KERNELS_MATMUL_TRANSPOSE_INL_H_
