// A C of one column: its rows are the lanes, for one column fills no vector. Included once per
// target.

#if defined(GROK_KERNELS_MATMUL_COLUMN_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef GROK_KERNELS_MATMUL_COLUMN_INL_H_
#undef GROK_KERNELS_MATMUL_COLUMN_INL_H_
#else
#define GROK_KERNELS_MATMUL_COLUMN_INL_H_
#endif

#include <algorithm>
#include <cstddef>

#include <hwy/highway.h>

#include "grok/kernels/matmul_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {

/// A sum over k waits for the step before it; so many vectors of sums wait at the same time.
constexpr std::size_t column_vectors = 4;
/// How far ahead of its use a row of A is asked for.
constexpr std::size_t column_ahead = 128;
/// As `transpose` stores them: a wider load would wait until two stores have reached the cache.
template <class T>
constexpr std::size_t column_lanes = std::min<std::size_t>(8, hn::MaxLanes(hn::ScalableTag<T>()));
/// Rows that are computed together.
template <class T>
constexpr std::size_t column_rows = column_vectors* column_lanes<T>;

/// column_rows<T> rows of C over `k` steps. A is not transposed: blocks of it are, on the way.
template <class T>
HWY_NOINLINE void column_tile(std::size_t k, const TileA<T>& a, const TileB<T>& b,
                              const TileOut<T>& out) {
  constexpr std::size_t lanes = column_lanes<T>, rows = column_rows<T>;
  const hn::FixedTag<T, lanes> d;
  hn::Vec<decltype(d)> sum[column_vectors];
  const auto below = [&](std::size_t v) {
    TileOut<T> at = out;
    at.c += v * lanes * at.ldc;
    if (at.addend != nullptr) at.addend += v * lanes * at.ld_addend;
    if (at.gate != nullptr) at.gate += v * lanes * at.ld_gate;
    return at;
  };
  for (std::size_t v = 0; v < column_vectors; ++v)
    sum[v] = load_column<lanes>(below(v).addend, out.ld_addend);
  HWY_ALIGN T block[lanes * rows];
  for (std::size_t k0 = 0; k0 < k; k0 += lanes) {
    const std::size_t n = std::min(lanes, k - k0);
    // So many rows are more streams than the processor sees coming.
    for (std::size_t r = k0 / lanes % 2; r < rows; r += 2)
      __builtin_prefetch(a.a + r * a.row_step + k0 + column_ahead);
    transpose(rows, n, a.a + k0, a.row_step, block, rows);
    for (std::size_t i = 0; i < n; ++i) {
      const auto factor = hn::Set(d, b.b[(k0 + i) * b.step]);
      GROK_UNROLL
      for (std::size_t v = 0; v < column_vectors; ++v)
        sum[v] = hn::MulAdd(hn::Load(d, block + i * rows + v * lanes), factor, sum[v]);
    }
  }
  for (std::size_t v = 0; v < column_vectors; ++v) finish_column<lanes>(below(v), 0, sum[v]);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#endif  // GROK_KERNELS_MATMUL_COLUMN_INL_H_
