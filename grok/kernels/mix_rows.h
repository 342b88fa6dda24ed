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

/// out[b, q] = bias + sum over k, then h, of p[b, h, q, k] * table[index[b, k], h]: one chain of
/// fused multiply-adds that starts from the bias [width], or from zero where the epilogue has none.
/// Threads divide the examples.
///
///   cost     batch * n_queries * n_keys * n_heads * width multiply-adds
void mix_rows(const MixRowsShape& shape, ConstFloats p, ConstFloats table, Tokens index,
              Epilogue epilogue, ConstFloats bias, Floats out, ThreadPool& pool) noexcept;

/// out[b, h, q, k] = dot(x[b, q], table[index[b, k], h]): the gradient of p, where x is that of the
/// mix. Sixteen virtual lanes per dot. Threads divide the examples. Same cost as `mix_rows`.
void mix_rows_dots(const MixRowsShape& shape, ConstFloats x, ConstFloats table, Tokens index,
                   Floats out, ThreadPool& pool) noexcept;

/// Bytes that the caller lends to `mix_rows_transposed`.
std::int64_t mix_rows_transposed_scratch_bytes(const MixRowsShape& shape);

/// out[index[b, k], h] += p[b, h, q, k] * x[b, q], from zero, in increasing b, then k, then q: the
/// gradient of the table [n_rows, n_heads, width]. Threads divide the columns. Same cost as
/// `mix_rows`. `scratch` is aligned to 8 bytes.
void mix_rows_transposed(const MixRowsShape& shape, ConstFloats p, ConstFloats x, Tokens index,
                         Floats out, std::span<std::byte> scratch, ThreadPool& pool) noexcept;

}  // namespace grok
