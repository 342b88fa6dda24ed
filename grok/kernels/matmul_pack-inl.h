// Copies operands into the order in which the tile reads them. Included once per target.

#if defined(GROK_KERNELS_MATMUL_PACK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef GROK_KERNELS_MATMUL_PACK_INL_H_
#undef GROK_KERNELS_MATMUL_PACK_INL_H_
#else
#define GROK_KERNELS_MATMUL_PACK_INL_H_
#endif

#include <algorithm>
#include <cstddef>
#include <type_traits>

#include <hwy/highway.h>

#include "grok/kernels/matmul_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {

/// How n columns fall into panels of one to three vectors. Up to four columns beyond whole vectors
/// become single columns of the last panel, computed with rows as lanes: for n = 113 that costs two
/// per cent where an eighth vector would cost twelve. More than four become a partial vector.
template <class T>
struct Panels {
  std::size_t lanes = hn::Lanes(hn::ScalableTag<T>());
  std::size_t n_vectors, n_tail, last_cols, n_panels;

  explicit Panels(std::size_t n) {
    const std::size_t rest = n % lanes;
    // A vector no wider than the tile is high gains nothing from single columns.
    n_tail = rest <= max_tail && lanes > max_tail ? rest : 0;
    n_vectors = n / lanes + (rest > n_tail ? 1 : 0);
    last_cols = rest > n_tail ? rest : lanes;
    n_panels = (n_vectors + (n_tail > 0 ? 1 : 0) + 2) / 3;
    if (n_panels == 0) n_panels = 1;
  }
  std::size_t first_vector(std::size_t panel) const {
    return panel * (n_vectors / n_panels) + std::min(panel, n_vectors % n_panels);
  }
  std::size_t vectors(std::size_t panel) const {
    return first_vector(panel + 1) - first_vector(panel);
  }
  std::size_t tail(std::size_t panel) const { return panel + 1 == n_panels ? n_tail : 0; }
  std::size_t first_column(std::size_t panel) const { return first_vector(panel) * lanes; }
};

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
#pragma GCC unroll 8
  for (std::size_t r = 0; r < 8; ++r) row[r] = hn::LoadU(d, from + r * ld_from);
#pragma GCC unroll 8
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
#pragma GCC unroll 8
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

/// Packs rows [row, row + rows) and k in [k0, k0 + kc) of A as panels [kc, tile_rows], rows beyond
/// the last as zeros.
template <class T>
void pack_a(const MatmulOf<T>& p, std::size_t row, std::size_t rows, std::size_t k0, std::size_t kc,
            T* HWY_RESTRICT to) {
  constexpr std::size_t tall = tile_rows<T>;
  constexpr std::size_t panel = k_block * tall + a_panel_gap;
  const auto lda = static_cast<std::size_t>(p.lda);
  const std::size_t whole = rows / tall;
  if (p.transpose_a) {
    const hn::FixedTag<T, tall> d;
    // k outermost: A is read along its rows.
    for (std::size_t k = 0; k < kc; ++k)
      for (std::size_t i = 0; i < whole; ++i)
        hn::Store(hn::LoadU(d, p.a + (k0 + k) * lda + row + i * tall), d,
                  to + i * panel + k * tall);
  } else {
    for (std::size_t i = 0; i < whole; ++i)
      transpose(tall, kc, p.a + (row + i * tall) * lda + k0, lda, to + i * panel, tall);
  }
  const std::size_t rest = rows - whole * tall;
  if (rest == 0) return;
  for (std::size_t k = 0; k < kc; ++k)
    for (std::size_t r = 0; r < tall; ++r) {
      const std::size_t i = row + whole * tall + r;
      const T value = r >= rest       ? T{0}
                      : p.transpose_a ? p.a[(k0 + k) * lda + i]
                                      : p.a[i * lda + k0 + k];
      to[whole * panel + k * tall + r] = value;
    }
}

/// Packs k in [k0, k1) of B: all panels [k, vectors * lanes] one after another, each followed by
/// its single columns [k, n_tail]. Columns beyond the last are zeros.
template <class T>
void pack_b(const MatmulOf<T>& p, std::size_t k0, std::size_t k1, T* HWY_RESTRICT to) {
  const Panels<T> panels(static_cast<std::size_t>(p.n));
  const hn::ScalableTag<T> d;
  const std::size_t lanes = panels.lanes;
  const auto n = static_cast<std::size_t>(p.n), k_all = static_cast<std::size_t>(p.k);
  const auto ldb = static_cast<std::size_t>(p.ldb);
  for (std::size_t i = 0; i < panels.n_panels; ++i) {
    const std::size_t column = panels.first_column(i), width = panels.vectors(i) * lanes;
    const std::size_t cols = std::min(width, n - column);
    T* panel = to + k_all * column;
    if (p.transpose_b) {
      transpose(cols, k1 - k0, p.b + column * ldb + k0, ldb, panel + k0 * width, width);
      for (std::size_t k = k0; k < k1; ++k)
        std::fill(panel + k * width + cols, panel + (k + 1) * width, T{0});
    } else {
      const std::size_t whole = cols / lanes * lanes;
      for (std::size_t k = k0; k < k1; ++k) {
        const T* from = p.b + k * ldb + column;
        for (std::size_t c = 0; c < whole; c += lanes)
          hn::Store(hn::LoadU(d, from + c), d, panel + k * width + c);
        for (std::size_t c = whole; c < width; ++c)
          panel[k * width + c] = c < cols ? from[c] : T{0};
      }
    }
    const std::size_t n_tail = panels.tail(i);
    T* tail = panel + k_all * width;
    for (std::size_t k = k0; k < k1; ++k)
      for (std::size_t t = 0; t < n_tail; ++t) {
        const std::size_t j = column + width + t;
        tail[k * n_tail + t] = p.transpose_b ? p.b[j * ldb + k] : p.b[k * ldb + j];
      }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#endif  // GROK_KERNELS_MATMUL_PACK_INL_H_
