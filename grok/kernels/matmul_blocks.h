#pragma once
// How a product is cut up: sizes shared by the driver (matmul.cpp), the packing and the tile.
// But for `is_column` none of them changes a bit of the result.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "grok/kernels/matmul.h"

// In front of a loop over the registers of a tile, which stay registers only if it is unrolled. Not
// in debug builds: sanitizers would take many minutes to compile the result.
#ifdef GROK_DEBUG
#define GROK_UNROLL
#else
#define GROK_UNROLL _Pragma("GCC unroll 8")
#endif

namespace grok {

// Eight rows of A are then at most 16 KiB and stay in L1 while the panels of B stream past them
// from L2: a tile takes 192 bytes of B in 24 multiply-adds per lane, less than L2 delivers. Shorter
// blocks load and store C more often.
inline constexpr std::size_t max_k_block = 512;
// Of a transposed A each step of k reads another line, and often another page: this many stay in
// the translation buffer.
inline constexpr std::size_t max_k_block_transposed = 128;
// The part of B that all rows of a piece read: it stays in L2, with room for A and C.
inline constexpr std::size_t b_block_elements = 80 * 1024;

// With so few rows of C packing B costs more than it brings.
inline constexpr std::int64_t max_rows_in_place = 64;
// A single row of C reads B once. It stays in L1 while a few rows of B stream past it.
inline constexpr std::size_t max_k_block_one_row = 16;

/// Whether C is one column whose terms lie side by side, in A's rows: then they are the lanes, over
/// all of k, and B is packed as the k numbers that it is (matmul_column-inl.h). This follows from
/// the shape alone and does decide bits.
template <class T>
bool is_column(const MatmulOf<T>& p) {
  return p.n == 1 && !p.transpose_a;
}

/// The length of the blocks of k: as even as can be.
template <class T>
std::size_t k_block(const MatmulOf<T>& p) {
  const auto k = static_cast<std::size_t>(p.k);
  if (is_column(p)) return k;
  const std::size_t most = p.m == 1 && !p.transpose_b ? max_k_block_one_row
                           : p.transpose_a            ? max_k_block_transposed
                                                      : max_k_block;
  const std::size_t n_blocks = std::max<std::size_t>(1, (k + most - 1) / most);
  return (k + n_blocks - 1) / n_blocks;
}

/// Whether B is read where it lies, but for a last vector that is not whole.
template <class T>
bool reads_b_in_place(const MatmulOf<T>& p) {
  return !p.transpose_b && p.m <= max_rows_in_place && !is_column(p);
}

/// How many rows of a C of one column are better computed as columns of a C of one row: its B is
/// then A as it lies, and whole vectors of it are multiplied at once. Whole vectors on every
/// target.
template <class T>
std::int64_t rows_as_columns(const MatmulOf<T>& p) {
  const bool is_dense = p.ldc == 1 && (p.addend == nullptr || p.ld_addend == 1) &&
                        (p.gate == nullptr || p.ld_gate == 1);
  return p.n == 1 && p.transpose_a && is_dense && p.epilogue == Epilogue::none ? p.m / 16 * 16 : 0;
}

/// The first `n` rows of such a product, so computed: the same terms in the same order.
template <class T>
MatmulOf<T> as_one_row(MatmulOf<T> p, std::int64_t n) {
  std::swap(p.a, p.b);
  std::swap(p.lda, p.ldb);
  p.transpose_a = !p.transpose_b;
  p.transpose_b = false;
  p.m = 1;
  p.n = n;
  return p;
}

/// The rows of such a product from `n` on.
template <class T>
MatmulOf<T> rows_from(MatmulOf<T> p, std::int64_t n) {
  p.a += n;
  p.c += n;
  if (p.addend != nullptr) p.addend += n;
  if (p.gate != nullptr) p.gate += n;
  p.m -= n;
  return p;
}

// An A larger than this comes from beyond L2, and is asked for ahead of its use.
inline constexpr std::size_t near_bytes = 512 * 1024;

template <class T>
bool is_far(const MatmulOf<T>& p) {
  return static_cast<std::size_t>(p.m * p.k) * sizeof(T) > near_bytes;
}

/// Packed rows [k_begin, k_begin + k_count) of B.
template <class T>
struct PackedB {
  T* data = nullptr;
  std::size_t k_begin = 0, k_count = 0;
};

/// One thread's piece of a product: rows [row_begin, row_end), steps [k_begin, k_end) of the sums,
/// and the panels of B from group * n_panels / n_groups on, up to the next group's.
template <class T>
struct MatmulPiece {
  std::size_t row_begin = 0, row_end = 0, k_begin = 0, k_end = 0;
  std::size_t group = 0, n_groups = 1;
  PackedB<const T> b;
  bool b_in_place = false;
};

}  // namespace grok
