// The register tile: rows of A times a panel of B, both packed, added to a few rows of C.
// Included once per target.

#if defined(GROK_KERNELS_MATMUL_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef GROK_KERNELS_MATMUL_TILE_INL_H_
#undef GROK_KERNELS_MATMUL_TILE_INL_H_
#else
#define GROK_KERNELS_MATMUL_TILE_INL_H_
#endif

#include <cstddef>

#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"
#include "grok/kernels/matmul_blocks.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

// AVX-512 has 32 registers: 8 rows x 3 vectors of sums, 3 of B, one broadcast of A. The others have
// 16: 4 x 3 + 3 + 1. Rows fill a vector too, for the columns left over (see Panels).
#if HWY_TARGET <= HWY_AVX3
template <class T>
constexpr std::size_t tile_rows = 8;
#elif HWY_TARGET <= HWY_AVX2
template <class T>
constexpr std::size_t tile_rows = 4;
#else
template <class T>
constexpr std::size_t tile_rows = 16 / sizeof(T);
#endif
constexpr std::size_t max_tail = 4;

/// Where a tile's result goes, and what becomes of it.
template <class T>
struct TileOut {
  T* c;
  std::size_t ldc;
  std::size_t rows;       // of the tile, that exist
  std::size_t last_cols;  // of the last vector, that exist
  bool load;              // continue from C rather than from zero
  bool add_bias, relu;    // once the sum is complete
  const T* bias;          // of the tile's first column
};

template <class D, class V, class T = hn::TFromD<D>>
HWY_INLINE V finished(D d, V sum, const TileOut<T>& out, V bias) {
  if (out.add_bias) sum = hn::Add(sum, bias);
  // max(sum, 0) would turn NaN into 0.
  if (out.relu) sum = hn::IfThenElse(hn::Lt(sum, hn::Zero(d)), hn::Zero(d), sum);
  return sum;
}

/// One tile of `tile_rows` rows by NV vectors and NT single columns.
///
///   a        [k, tile_rows]
///   b        [k, NV * Lanes]
///   b_tail   [k, NT]
template <class T, std::size_t NV, std::size_t NT>
HWY_NOINLINE void tile(std::size_t k, const T* HWY_RESTRICT a, const T* HWY_RESTRICT b,
                       const T* HWY_RESTRICT b_tail, const TileOut<T>& out) {
  const hn::ScalableTag<T> d;
  constexpr std::size_t rows = tile_rows<T>;
  const hn::FixedTag<T, rows> d_rows;
  const std::size_t lanes = hn::Lanes(d);
  using V = hn::Vec<decltype(d)>;
  using R = hn::Vec<decltype(d_rows)>;

  // For writing: the first block of k stores to C without having read it.
  for (std::size_t r = 0; r < rows && r < out.rows; ++r)
    for (std::size_t v = 0; v < NV; ++v) __builtin_prefetch(out.c + r * out.ldc + v * lanes, 1);

  const bool is_partial = NV > 0 && out.last_cols < lanes;
  V sum[rows][NV > 0 ? NV : 1];
  R tail[NT > 0 ? NT : 1];
#pragma GCC unroll 8
  for (std::size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 8
    for (std::size_t v = 0; v < NV; ++v) {
      sum[r][v] = hn::Zero(d);
      if (!out.load || r >= out.rows) continue;
      const T* from = out.c + r * out.ldc + v * lanes;
      sum[r][v] =
          v + 1 == NV && is_partial ? load_partial(d, from, out.last_cols) : hn::LoadU(d, from);
    }
  }
  HWY_ALIGN T column[rows];
#pragma GCC unroll 8
  for (std::size_t t = 0; t < NT; ++t) {
    for (std::size_t r = 0; r < rows; ++r)
      column[r] = out.load && r < out.rows ? out.c[r * out.ldc + NV * lanes + t] : T{0};
    tail[t] = hn::Load(d_rows, column);
  }

  for (std::size_t i = 0; i < k; ++i) {
    V bv[NV > 0 ? NV : 1];
#pragma GCC unroll 8
    for (std::size_t v = 0; v < NV; ++v) bv[v] = hn::Load(d, b + v * lanes);
#pragma GCC unroll 8
    for (std::size_t r = 0; r < rows; ++r) {
      const V av = hn::Set(d, a[r]);
#pragma GCC unroll 8
      for (std::size_t v = 0; v < NV; ++v) sum[r][v] = hn::MulAdd(av, bv[v], sum[r][v]);
    }
    if constexpr (NT > 0) {
      const R ar = hn::LoadU(d_rows, a);
#pragma GCC unroll 8
      for (std::size_t t = 0; t < NT; ++t)
        tail[t] = hn::MulAdd(ar, hn::Set(d_rows, b_tail[t]), tail[t]);
    }
    a += rows;
    b += NV * lanes;
    b_tail += NT;
  }

#pragma GCC unroll 8
  for (std::size_t v = 0; v < NV; ++v) {
    const bool masked = v + 1 == NV && is_partial;
    V bias = hn::Zero(d);
    if (out.add_bias)
      bias = masked ? load_partial(d, out.bias + v * lanes, out.last_cols)
                    : hn::LoadU(d, out.bias + v * lanes);
#pragma GCC unroll 8
    for (std::size_t r = 0; r < rows; ++r) {
      if (r >= out.rows) continue;
      T* to = out.c + r * out.ldc + v * lanes;
      const V value = finished(d, sum[r][v], out, bias);
      if (masked)
        store_partial(value, d, to, out.last_cols);
      else
        hn::StoreU(value, d, to);
    }
  }
#pragma GCC unroll 8
  for (std::size_t t = 0; t < NT; ++t) {
    const R bias = hn::Set(d_rows, out.add_bias ? out.bias[NV * lanes + t] : T{0});
    hn::Store(finished(d_rows, tail[t], out, bias), d_rows, column);
    for (std::size_t r = 0; r < rows && r < out.rows; ++r)
      out.c[r * out.ldc + NV * lanes + t] = column[r];
  }
}

template <class T>
using TileFunction = void (*)(std::size_t, const T*, const T*, const T*, const TileOut<T>&);

/// The tile for a panel of `n_vectors` vectors and `n_tail` single columns. Panels with single
/// columns have two vectors at most, so that their sums fit in registers.
template <class T>
TileFunction<T> tile_for(std::size_t n_vectors, std::size_t n_tail) {
  static constexpr TileFunction<T> table[4][max_tail + 1] = {
      {nullptr, &tile<T, 0, 1>, &tile<T, 0, 2>, &tile<T, 0, 3>, &tile<T, 0, 4>},
      {&tile<T, 1, 0>, &tile<T, 1, 1>, &tile<T, 1, 2>, &tile<T, 1, 3>, &tile<T, 1, 4>},
      {&tile<T, 2, 0>, &tile<T, 2, 1>, &tile<T, 2, 2>, &tile<T, 2, 3>, &tile<T, 2, 4>},
      {&tile<T, 3, 0>, nullptr, nullptr, nullptr, nullptr}};
  return table[n_vectors][n_tail];
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#endif  // GROK_KERNELS_MATMUL_TILE_INL_H_
