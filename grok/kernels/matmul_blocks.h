#pragma once
// How a product is cut up: sizes shared by the driver (matmul.cpp), the packing and the tile.
// None of them changes a bit of the result.

#include <cstddef>

#include "grok/kernels/matmul.h"

namespace grok {

// A panel of B, 3 vectors wide, is then 48 KiB. It need not fit in L1: a tile takes 192 bytes of it
// in 24 multiply-adds per lane, less than L2 delivers. Shorter blocks load and store C more often.
inline constexpr std::size_t k_block = 256;
// A's packed block of 128 x 256 floats is 128 KiB: it stays in L2 while B's panels stream past it.
inline constexpr std::size_t max_block_rows = 128;
inline constexpr std::size_t max_tile_rows = 8;
// Between panels of A: without it they lie 8 KiB apart and share one set of the L1.
inline constexpr std::size_t a_panel_gap = 16;

inline constexpr std::size_t a_block_elements =
    max_block_rows / max_tile_rows * (k_block * max_tile_rows + a_panel_gap) + 4 * 16 * a_panel_gap;

/// One thread's piece of a product: rows [row_begin, row_end), and the panels of B from
/// group * n_panels / n_groups on, up to the next group's.
template <class T>
struct MatmulPiece {
  std::size_t row_begin, row_end;
  std::size_t group, n_groups;
  const T* packed_b;
  T* a_block;  // [a_block_elements], 64-byte aligned
};

}  // namespace grok
