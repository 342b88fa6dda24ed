// The innermost part of a product: a tile of C kept in registers. Included once per target.

#if defined(GROK_KERNELS_MATMUL_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef GROK_KERNELS_MATMUL_TILE_INL_H_
#undef GROK_KERNELS_MATMUL_TILE_INL_H_
#else
#define GROK_KERNELS_MATMUL_TILE_INL_H_
#endif

#include <algorithm>
#include <cstddef>
#include <utility>

#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"
#include "grok/kernels/matmul_transpose-inl.h"

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

/// Where a tile finds A's element (r, k): a[r * row_step + k * k_step]; one of the steps is 1. With
/// `ahead`, it asks at step k for the cache line at ahead + k * ahead_step bytes.
template <class T>
struct TileA {
  const T* a;
  std::size_t row_step, k_step;
  const std::byte* ahead;
  std::size_t ahead_step;
};

/// Where a tile finds the rows of its panel of B, and of its single columns.
template <class T>
struct TileB {
  const T* b;
  std::size_t step;
  const T* tail;
  std::size_t tail_step;
};

/// Where a tile's result goes, and what becomes of it. All pointers are to the tile's first element
/// and may be null but for c.
template <class T>
struct TileOut {
  T* c;
  std::size_t ldc;
  std::size_t last_cols;  // of the last vector, that exist
  const T* addend;        // what the sums begin with
  std::size_t ld_addend;
  const T* bias;
  bool relu;
  const T* gate;
  std::size_t ld_gate;
};

/// One step of k: every row's element of A times the row of B.
template <std::size_t ROWS, std::size_t NV, class D, class V, class T = hn::TFromD<D>>
HWY_INLINE void multiply_add(D d, const T* const (&a)[ROWS], std::size_t at,
                             const T* HWY_RESTRICT b, V (&sum)[ROWS][NV]) {
  const std::size_t lanes = hn::Lanes(d);
  V bv[NV];
  GROK_UNROLL
  for (std::size_t v = 0; v < NV; ++v) bv[v] = hn::LoadU(d, b + v * lanes);
  GROK_UNROLL
  for (std::size_t r = 0; r < ROWS; ++r) {
    const V av = hn::Set(d, a[r][at]);
    GROK_UNROLL
    for (std::size_t v = 0; v < NV; ++v) sum[r][v] = hn::MulAdd(av, bv[v], sum[r][v]);
  }
}

/// `n` steps of k, at most ROWS, of all rows of A as columns [n, ROWS].
template <std::size_t ROWS, class T>
HWY_INLINE void load_columns(const TileA<T>& a, std::size_t k, std::size_t n, T* HWY_RESTRICT to) {
  const T* from = a.a + k * a.k_step;
  if (a.k_step == 1) {
    transpose(ROWS, n, from, a.row_step, to, ROWS);
    return;
  }
  const hn::FixedTag<T, ROWS> d;
  for (std::size_t i = 0; i < n; ++i)
    hn::Store(hn::LoadU(d, from + i * a.k_step), d, to + i * ROWS);
}

/// The vectors of a row of a panel, of which the last may exist in part.
template <std::size_t NV, class D, class V, class T = hn::TFromD<D>>
HWY_INLINE void load_row(D d, const T* from, std::size_t last_cols, V (&to)[NV]) {
  const std::size_t lanes = hn::Lanes(d);
  GROK_UNROLL
  for (std::size_t v = 0; v + 1 < NV; ++v) to[v] = hn::LoadU(d, from + v * lanes);
  to[NV - 1] = load_some(from + (NV - 1) * lanes, last_cols);
}

/// What the sums of a tile's vectors begin with.
template <std::size_t ROWS, std::size_t NV, class D, class V, class T = hn::TFromD<D>>
HWY_INLINE void begin(D d, const TileOut<T>& out, V (&sum)[ROWS][NV]) {
  GROK_UNROLL
  for (std::size_t r = 0; r < ROWS; ++r) GROK_UNROLL
  for (std::size_t v = 0; v < NV; ++v) sum[r][v] = hn::Zero(d);
  if (out.addend == nullptr) return;
  GROK_UNROLL
  for (std::size_t r = 0; r < ROWS; ++r)
    load_row(d, out.addend + r * out.ld_addend, out.last_cols, sum[r]);
}

// max(x, 0) would turn NaN into 0.
template <class D, class V>
HWY_INLINE V relu_of(D d, V x) {
  return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Zero(d), x);
}

/// Stores a tile's vectors, with all that follows the sum.
template <std::size_t ROWS, std::size_t NV, class D, class V, class T = hn::TFromD<D>>
HWY_INLINE void finish(D d, const TileOut<T>& out, V (&sum)[ROWS][NV]) {
  const std::size_t lanes = hn::Lanes(d);
  V other[NV];
  if (out.bias != nullptr) {
    load_row(d, out.bias, out.last_cols, other);
    GROK_UNROLL
    for (std::size_t r = 0; r < ROWS; ++r) GROK_UNROLL
    for (std::size_t v = 0; v < NV; ++v) sum[r][v] = hn::Add(sum[r][v], other[v]);
  }
  if (out.relu) {
    GROK_UNROLL
    for (std::size_t r = 0; r < ROWS; ++r) GROK_UNROLL
    for (std::size_t v = 0; v < NV; ++v) sum[r][v] = relu_of(d, sum[r][v]);
  }
  if (out.gate != nullptr) {
    GROK_UNROLL
    for (std::size_t r = 0; r < ROWS; ++r) {
      load_row(d, out.gate + r * out.ld_gate, out.last_cols, other);
      GROK_UNROLL
      for (std::size_t v = 0; v < NV; ++v)
        sum[r][v] = hn::IfThenElseZero(hn::Gt(other[v], hn::Zero(d)), sum[r][v]);
    }
  }
  GROK_UNROLL
  for (std::size_t r = 0; r < ROWS; ++r) {
    T* to = out.c + r * out.ldc;
    GROK_UNROLL
    for (std::size_t v = 0; v + 1 < NV; ++v) hn::StoreU(sum[r][v], d, to + v * lanes);
    store_some(sum[r][NV - 1], to + (NV - 1) * lanes, out.last_cols);
  }
}

/// A column of a row-major array, ROWS numbers `step` apart, as a vector; zeros if there is none.
template <std::size_t ROWS, class T>
HWY_INLINE hn::Vec<hn::FixedTag<T, ROWS>> load_column(const T* from, std::size_t step) {
  const hn::FixedTag<T, ROWS> d;
  HWY_ALIGN T lane[ROWS] = {};
  if (from != nullptr)
    for (std::size_t r = 0; r < ROWS; ++r) lane[r] = from[r * step];
  return hn::Load(d, lane);
}

/// Stores column `j` of a tile, whose sum has its rows as lanes, with all that follows the sum.
template <std::size_t ROWS, class V, class T>
HWY_INLINE void finish_column(const TileOut<T>& out, std::size_t j, V sum) {
  const hn::FixedTag<T, ROWS> d;
  if (out.bias != nullptr) sum = hn::Add(sum, hn::Set(d, out.bias[j]));
  if (out.relu) sum = relu_of(d, sum);
  if (out.gate != nullptr) {
    const V gate = load_column<ROWS>(out.gate + j, out.ld_gate);
    sum = hn::IfThenElseZero(hn::Gt(gate, hn::Zero(d)), sum);
  }
  HWY_ALIGN T lane[ROWS];
  hn::Store(sum, d, lane);
  for (std::size_t r = 0; r < ROWS; ++r) out.c[r * out.ldc + j] = lane[r];
}

/// One tile of ROWS rows by NV vectors and NT single columns, over `k` steps.
template <class T, std::size_t ROWS, std::size_t NV, std::size_t NT, bool AHEAD>
HWY_NOINLINE void tile(std::size_t k, const TileA<T>& a, const TileB<T>& b, const TileOut<T>& out) {
  const hn::ScalableTag<T> d;
  const std::size_t width_of_vectors = NV * hn::Lanes(d);
  // For writing: what is not added to has not been read.
  for (std::size_t r = 0; r < ROWS; ++r)
    for (std::size_t j = 0; j < width_of_vectors; j += 64 / sizeof(T))
      __builtin_prefetch(out.c + r * out.ldc + j, 1);

  hn::Vec<decltype(d)> sum[ROWS][NV];
  begin(d, out, sum);
  const T* row[ROWS];
  GROK_UNROLL
  for (std::size_t r = 0; r < ROWS; ++r) row[r] = a.a + r * a.row_step;
  const T* HWY_RESTRICT b_row = b.b;
  const std::size_t b_step = b.step, a_step = a.k_step;
  const std::byte* ahead = a.ahead;

  if constexpr (NT == 0) {
    for (std::size_t i = 0, at = 0; i < k; ++i, at += a_step, b_row += b_step) {
      if constexpr (AHEAD) __builtin_prefetch(std::exchange(ahead, ahead + a.ahead_step), 0, 2);
      multiply_add(d, row, at, b_row, sum);
    }
  } else {
    const hn::FixedTag<T, ROWS> d_rows;
    hn::Vec<decltype(d_rows)> tail[NT];
    GROK_UNROLL
    for (std::size_t t = 0; t < NT; ++t)
      tail[t] = load_column<ROWS>(
          out.addend == nullptr ? nullptr : out.addend + width_of_vectors + t, out.ld_addend);
    HWY_ALIGN T columns[ROWS * ROWS];
    const T* HWY_RESTRICT b_tail = b.tail;
    for (std::size_t i0 = 0, at = 0; i0 < k; i0 += ROWS) {
      const std::size_t n = std::min(ROWS, k - i0);
      load_columns<ROWS>(a, i0, n, columns);
      for (std::size_t i = 0; i < n; ++i, at += a_step, b_row += b_step, b_tail += b.tail_step) {
        if constexpr (AHEAD) __builtin_prefetch(std::exchange(ahead, ahead + a.ahead_step), 0, 2);
        multiply_add(d, row, at, b_row, sum);
        const auto column = hn::Load(d_rows, columns + i * ROWS);
        GROK_UNROLL
        for (std::size_t t = 0; t < NT; ++t)
          tail[t] = hn::MulAdd(column, hn::Set(d_rows, b_tail[t]), tail[t]);
      }
    }
    GROK_UNROLL
    for (std::size_t t = 0; t < NT; ++t) finish_column<ROWS>(out, width_of_vectors + t, tail[t]);
  }
  finish(d, out, sum);
}

template <class T>
using TileFunction = void (*)(std::size_t, const TileA<T>&, const TileB<T>&, const TileOut<T>&);

/// The tile of ROWS rows for a panel of `n_vectors` vectors and `n_tail` single columns. Panels
/// with single columns have two vectors at most, so that their sums fit in registers.
template <class T, std::size_t ROWS, bool AHEAD>
TileFunction<T> tile_for(std::size_t n_vectors, std::size_t n_tail) {
  static constexpr TileFunction<T> table[3][max_tail + 1] = {
      {&tile<T, ROWS, 1, 0, AHEAD>, &tile<T, ROWS, 1, 1, AHEAD>, &tile<T, ROWS, 1, 2, AHEAD>,
       &tile<T, ROWS, 1, 3, AHEAD>, &tile<T, ROWS, 1, 4, AHEAD>},
      {&tile<T, ROWS, 2, 0, AHEAD>, &tile<T, ROWS, 2, 1, AHEAD>, &tile<T, ROWS, 2, 2, AHEAD>,
       &tile<T, ROWS, 2, 3, AHEAD>, &tile<T, ROWS, 2, 4, AHEAD>},
      {&tile<T, ROWS, 3, 0, AHEAD>, nullptr, nullptr, nullptr, nullptr}};
  return table[n_vectors - 1][n_tail];
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#endif  // GROK_KERNELS_MATMUL_TILE_INL_H_
