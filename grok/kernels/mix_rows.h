#pragma once
// Rows of a small table mixed by a pattern, example by example, and the two gradients of that: what
// attention's weighted sum of values becomes once values are computed per distinct row.
//
//   p       [batch, n_heads, n_queries, n_keys]   the pattern
//   table   [n_rows, n_heads, width]
//   index   [batch, n_keys]                       each in [0, n_rows)
//   x, out  [batch, n_queries, width]
//
// Batches are cheapest where neighbouring examples share rows: those then stay in the first cache.
// Two of the three read a table that `mix_table_pack` has packed.

#include <cstddef>
#include <cstdint>
#include <span>

#include "grok/base/tensor.h"
#include "grok/base/threads.h"
#include "grok/kernels/matmul.h"

namespace grok {

struct MixRowsShape {
  std::int64_t batch = 0;
  std::int64_t n_heads = 0, n_queries = 0, n_keys = 0;
  std::int64_t n_rows = 0, width = 0;
};

/// Bytes of a packed table, at an alignment of 4; best that of a cache line.
std::int64_t mix_table_bytes(const MixRowsShape& shape);

/// Copies the table into the order in which it is read (mix_table.h), the same on every target.
void mix_table_pack(const MixRowsShape& shape, ConstFloats table, std::span<std::byte> packed,
                    ThreadPool& pool) noexcept;

/// out[b, q] = bias + sum over k, then h, of p[b, h, q, k] * table[index[b, k], h]: one chain of
/// fused multiply-adds that starts from the bias [width], or from zero where the epilogue has none.
/// Threads divide the examples.
///
///   cost     batch * n_queries * n_keys * n_heads * width multiply-adds
void mix_rows(const MixRowsShape& shape, ConstFloats p, std::span<const std::byte> packed,
              Tokens index, Epilogue epilogue, ConstFloats bias, Floats out,
              ThreadPool& pool) noexcept;

/// out[b, h, q, k] = dot(x[b, q], table[index[b, k], h]): the gradient of p, where x is that of the
/// mix. Every 64 columns are summed in sixteen virtual lanes, and their sums added in order.
/// Threads divide the examples. Same cost as `mix_rows`.
void mix_rows_dots(const MixRowsShape& shape, ConstFloats x, std::span<const std::byte> packed,
                   Tokens index, Floats out, ThreadPool& pool) noexcept;

/// Bytes of the list of a table's uses, aligned to 8 bytes.
std::int64_t mix_uses_bytes(const MixRowsShape& shape);

/// Lists by row of the table who uses it, each row's in increasing example, key, query.
void list_mix_uses(const MixRowsShape& shape, Tokens index, std::span<std::byte> uses) noexcept;

/// out[index[b, k], h] += p[b, h, q, k] * x[b, q], from zero, in increasing b, then k, then q: the
/// gradient of the table [n_rows, n_heads, width]. `uses` is what `list_mix_uses` makes of the
/// index. Threads divide the columns. Same cost as `mix_rows`.
void mix_rows_transposed(const MixRowsShape& shape, ConstFloats p, ConstFloats x,
                         std::span<const std::byte> uses, Floats out, ThreadPool& pool) noexcept;

}  // namespace grok
