// Copies B into the order in which the tile reads it. Included once per target.

#if defined(GROK_KERNELS_MATMUL_PACK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef GROK_KERNELS_MATMUL_PACK_INL_H_
#undef GROK_KERNELS_MATMUL_PACK_INL_H_
#else
#define GROK_KERNELS_MATMUL_PACK_INL_H_
#endif

#include <algorithm>
#include <cstddef>

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
    n_tail = rest <= max_tail && lanes > max_tail && n > lanes ? rest : 0;
    n_vectors = n / lanes + (rest > n_tail ? 1 : 0);
    last_cols = rest > n_tail ? rest : lanes;
    n_panels = (n_vectors + (n_tail > 0 ? 1 : 0) + 2) / 3;
  }
  std::size_t first_vector(std::size_t panel) const {
    return panel * (n_vectors / n_panels) + std::min(panel, n_vectors % n_panels);
  }
  std::size_t vectors(std::size_t panel) const {
    return first_vector(panel + 1) - first_vector(panel);
  }
  std::size_t tail(std::size_t panel) const { return panel + 1 == n_panels ? n_tail : 0; }
  bool is_partial(std::size_t panel) const { return panel + 1 == n_panels && last_cols < lanes; }
  std::size_t first_column(std::size_t panel) const { return first_vector(panel) * lanes; }
};

/// Packs k in [k0, k1) of B: all panels [k, vectors * lanes] one after another, each followed by
/// its single columns [k, n_tail]. Columns beyond the last are zeros. With `partial_only` just
/// the panel whose last vector is not whole, if there is one, in its place.
template <class T>
void pack_b(const MatmulOf<T>& p, std::size_t k0, std::size_t k1, bool partial_only,
            const PackedB<T>& to) {
  if (is_column(p)) {
    const std::size_t step = p.transpose_b ? 1 : static_cast<std::size_t>(p.ldb);
    for (std::size_t k = k0; k < k1; ++k) to.data[k - to.k_begin] = p.b[k * step];
    return;
  }
  const Panels<T> panels(static_cast<std::size_t>(p.n));
  const hn::ScalableTag<T> d;
  const std::size_t lanes = panels.lanes;
  const auto n = static_cast<std::size_t>(p.n), ldb = static_cast<std::size_t>(p.ldb);
  const std::size_t first_row = k0 - to.k_begin, last = panels.n_panels - 1;
  if (partial_only && !panels.is_partial(last)) return;
  for (std::size_t i = partial_only ? last : 0; i < panels.n_panels; ++i) {
    const std::size_t column = panels.first_column(i), width = panels.vectors(i) * lanes;
    const std::size_t cols = std::min(width, n - column), whole = cols / lanes * lanes;
    T* panel = to.data + to.k_count * column;
    T* row = panel + first_row * width;
    if (p.transpose_b) transpose(cols, k1 - k0, p.b + column * ldb + k0, ldb, row, width);
    for (std::size_t k = k0; k < k1; ++k, row += width) {
      if (!p.transpose_b) {
        const T* from = p.b + k * ldb + column;
        for (std::size_t c = 0; c < whole; c += lanes)
          hn::Store(hn::LoadU(d, from + c), d, row + c);
        for (std::size_t c = whole; c < cols; ++c) row[c] = from[c];
      }
      std::fill(row + cols, row + width, T{0});
    }
    const std::size_t n_tail = panels.tail(i);
    T* tail = panel + to.k_count * width + first_row * n_tail;
    for (std::size_t k = k0; k < k1; ++k)
      for (std::size_t j = column + width; j < column + width + n_tail; ++j)
        *tail++ = p.transpose_b ? p.b[j * ldb + k] : p.b[k * ldb + j];
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#endif  // GROK_KERNELS_MATMUL_PACK_INL_H_
