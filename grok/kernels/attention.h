#pragma once
// The two products of attention, for short sequences (2 to some hundred positions), where a matrix
// product per head would be all overhead.

#include <cstdint>

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

struct AttentionShape {
  std::int64_t batch = 0;
  std::int64_t n_queries = 0, n_keys = 0;  // positions; may differ
  std::int64_t n_heads = 0, d_head = 0;
  /// 0, and every query sees all keys; else query i, counted from 0, sees the first visible + i of
  /// them. Scores of others are 0, as patterns are there, and take no time.
  std::int64_t visible = 0;
};

/// out[b, h, i, j] = scale * dot(q[b, i, h], k[b, j, h])
///
///   q     [batch, n_queries, n_heads, d_head]
///   k     [batch, n_keys, n_heads, d_head]
///   out   [batch, n_heads, n_queries, n_keys]
void attention_scores(const AttentionShape& shape, ConstFloats q, ConstFloats k, float scale,
                      Floats out, ThreadPool& pool) noexcept;

/// out[b, i, h] = sum over j of p[b, h, i, j] * v[b, j, h], in increasing j.
///
///   p     [batch, n_heads, n_queries, n_keys]
///   v     [batch, n_keys, n_heads, d_head]
///   out   [batch, n_queries, n_heads, d_head]
void attention_mix(const AttentionShape& shape, ConstFloats p, ConstFloats v, Floats out,
                   ThreadPool& pool) noexcept;

/// out[b, j, h] = sum over i of p[b, h, i, j] * x[b, i, h], in increasing i: the gradients of v (x
/// is that of the mix) and of k (p is that of the scores, x is q).
///
///   p     [batch, n_heads, n_queries, n_keys]
///   x     [batch, n_queries, n_heads, d_head]
///   out   [batch, n_keys, n_heads, d_head]
void attention_mix_transposed(const AttentionShape& shape, ConstFloats p, ConstFloats x, Floats out,
                              ThreadPool& pool) noexcept;

}  // namespace grok
