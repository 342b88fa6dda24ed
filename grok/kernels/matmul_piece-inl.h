// One thread's piece of a product: which tiles, over which parts of A, B and C. Included once per
// target.

#if defined(GROK_KERNELS_MATMUL_PIECE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef GROK_KERNELS_MATMUL_PIECE_INL_H_
#undef GROK_KERNELS_MATMUL_PIECE_INL_H_
#else
#define GROK_KERNELS_MATMUL_PIECE_INL_H_
#endif

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <hwy/highway.h>

#include "grok/base/tensor.h"
#include "grok/kernels/matmul_blocks.h"
#include "grok/kernels/matmul_column-inl.h"
#include "grok/kernels/matmul_pack-inl.h"
#include "grok/kernels/matmul_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {

/// Steps [k0, k0 + kc) of k of a piece of C.
template <class T>
struct KBlock {
  const MatmulOf<T>& p;
  const MatmulPiece<T>& piece;
  const Panels<T>& panels;
  std::size_t k0, kc;

  TileA<T> a(std::size_t row) const {
    if (kc == 0) return {};  // A may then be null
    const auto lda = static_cast<std::size_t>(p.lda);
    if (p.transpose_a) return {p.a + k0 * lda + row, 1, lda, nullptr, 0};
    return {p.a + row * lda + k0, lda, 1, nullptr, 0};
  }

  /// The same, and while panel `i` of `n` is computed part of what comes next is brought near: of a
  /// transposed A the next block of k, else the next rows.
  TileA<T> a_and_next(std::size_t row, std::size_t i, std::size_t n) const {
    TileA<T> at = a(row);
    const auto bytes = [](const T* x) { return reinterpret_cast<const std::byte*>(x); };
    if (p.transpose_a) {
      if (i > 0 || k0 + 2 * kc > static_cast<std::size_t>(p.k)) return at;
      at.ahead = bytes(at.a + kc * at.k_step);
      at.ahead_step = at.k_step * sizeof(T);
      return at;
    }
    const std::size_t parts = std::min<std::size_t>(n, 3), rows = tile_rows<T>;
    if (i >= parts || row + 2 * rows > static_cast<std::size_t>(p.m)) return at;
    const std::size_t part = ((rows - 1) * at.row_step + kc) * sizeof(T) / parts;
    at.ahead = bytes(at.a + rows * at.row_step) + i * part;
    at.ahead_step = part / kc;
    return at;
  }

  TileB<T> b(std::size_t panel) const {
    if (kc == 0) return {};
    const auto ldb = static_cast<std::size_t>(p.ldb);
    const std::size_t column = panels.first_column(panel), n_tail = panels.tail(panel);
    const std::size_t width = panels.vectors(panel) * panels.lanes;
    if (piece.b_in_place && !panels.is_partial(panel)) {
      const T* from = p.b + k0 * ldb + column;
      return {from, ldb, n_tail > 0 ? from + width : from, ldb};
    }
    const T* from = piece.b.data + piece.b.k_count * column;
    const std::size_t k = k0 - piece.b.k_begin;
    return {from + k * width, width, from + piece.b.k_count * width + k * n_tail, n_tail};
  }

  TileOut<T> out(std::size_t row, std::size_t panel) const {
    const bool is_last = k0 + kc == static_cast<std::size_t>(p.k);
    const std::size_t column = panels.first_column(panel);
    const auto at = [&](auto* x, std::int64_t ld) {
      return x == nullptr ? nullptr : x + row * static_cast<std::size_t>(ld) + column;
    };
    TileOut<T> out{};
    out.c = at(p.c, p.ldc);
    out.ldc = static_cast<std::size_t>(p.ldc);
    out.last_cols = panels.is_partial(panel) ? panels.last_cols : panels.lanes;
    out.addend = k0 > 0 ? out.c : at(p.addend, p.ld_addend);
    out.ld_addend = k0 > 0 ? out.ldc : static_cast<std::size_t>(p.ld_addend);
    if (!is_last) return out;
    out.bias = p.epilogue == Epilogue::none ? nullptr : p.bias + column;
    out.relu = p.epilogue == Epilogue::bias_relu;
    out.gate = at(p.gate, p.ld_gate);
    out.ld_gate = static_cast<std::size_t>(p.ld_gate);
    return out;
  }

  /// Brings near what a tile begins its sums from. It needs them at once, so they are asked for one
  /// tile early; C of a sum over blocks of rows has left the second cache since the last block.
  template <std::size_t ROWS>
  void fetch_addend(std::size_t row, std::size_t panel) const {
    const T* const from = k0 > 0 ? p.c : p.addend;
    if (from == nullptr || row + ROWS > piece.row_end) return;
    const auto ld = static_cast<std::size_t>(k0 > 0 ? p.ldc : p.ld_addend);
    const T* const first = from + row * ld + panels.first_column(panel);
    const std::size_t width = panels.vectors(panel) * panels.lanes + panels.tail(panel);
    for (std::size_t r = 0; r < ROWS; ++r)
      for (std::size_t c = 0; c < width; c += alignment / sizeof(T))
        __builtin_prefetch(first + r * ld + c, 1);
  }

  /// Rows from `row` on, as many tiles of ROWS rows as fit; returns the first row left.
  template <std::size_t ROWS>
  std::size_t compute(std::size_t row) const {
    const std::size_t begin = panels.n_panels * piece.group / piece.n_groups;
    const std::size_t end = panels.n_panels * (piece.group + 1) / piece.n_groups;
    constexpr bool is_whole = ROWS == tile_rows<T>;
    const bool far = is_whole && is_far(p);
    for (; row + ROWS <= piece.row_end; row += ROWS)
      for (std::size_t i = begin; i < end; ++i) {
        const TileA<T> from = far ? a_and_next(row, i - begin, end - begin) : a(row);
        const auto run = from.ahead == nullptr
                             ? tile_for<T, ROWS, false>(panels.vectors(i), panels.tail(i))
                             : tile_for<T, ROWS, is_whole>(panels.vectors(i), panels.tail(i));
        const bool ends_row = i + 1 == end;
        fetch_addend<ROWS>(ends_row ? row + ROWS : row, ends_row ? begin : i + 1);
        run(kc, from, b(i), out(row, i));
      }
    return row;
  }
};

/// All of a piece of C, k block by k block.
template <class T>
void compute_piece(const MatmulOf<T>& p, const MatmulPiece<T>& piece) {
  if (is_column(p)) return compute_column(p, piece.b.data, piece.row_begin, piece.row_end);
  const Panels<T> panels(static_cast<std::size_t>(p.n));
  const std::size_t k_step = k_block(p);
  std::size_t k0 = piece.k_begin;
  do {  // once even if k is 0: the result is then zero, or the addend, and the epilogue
    const KBlock<T> block{p, piece, panels, k0, std::min(k_step, piece.k_end - k0)};
    std::size_t row = block.template compute<tile_rows<T>>(piece.row_begin);
    row = block.template compute<(tile_rows<T> + 1) / 2>(row);
    block.template compute<1>(row);
    k0 += block.kc;
  } while (k0 < piece.k_end);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#endif  // GROK_KERNELS_MATMUL_PIECE_INL_H_
