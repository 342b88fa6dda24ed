#include "grok/kernels/attention.h"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/attention.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {
using F = Vector<float>;
constexpr Full<float> d;

/// One example's sizes.
struct Sizes {
  std::size_t n_queries, n_keys, n_heads, d_head;
  explicit Sizes(const AttentionShape& s)
      : n_queries(static_cast<std::size_t>(s.n_queries)),
        n_keys(static_cast<std::size_t>(s.n_keys)),
        n_heads(static_cast<std::size_t>(s.n_heads)),
        d_head(static_cast<std::size_t>(s.d_head)) {}
};

HWY_INLINE float dot(const float* a, const float* b, std::size_t n) {
  LaneSum<float> sum;
  GROK_FOR_VECTORS(float, n, i, valid, part)
  sum.part[part] = hn::MulAdd(load_some(a + i, valid), load_some(b + i, valid), sum.part[part]);
  return sum.fold();
}

void scores_of(const AttentionShape& shape, const float* q, const float* k, float scale,
               float* out) {
  const Sizes s(shape);
  const std::size_t row = s.n_heads * s.d_head;
  for (std::size_t h = 0; h < s.n_heads; ++h)
    for (std::size_t i = 0; i < s.n_queries; ++i)
      for (std::size_t j = 0; j < s.n_keys; ++j)
        *out++ = scale * dot(q + i * row + h * s.d_head, k + j * row + h * s.d_head, s.d_head);
}

/// out[0..n) = sum over t of weight[t * weight_step] * x[t * x_step + 0..n)
HWY_INLINE void weighted_sum(const float* weight, std::size_t weight_step, const float* x,
                             std::size_t x_step, std::size_t n_terms, std::size_t n, float* out) {
  for (std::size_t c = 0; c < n; c += width<float>) {
    F sum = hn::Zero(d);
    for (std::size_t t = 0; t < n_terms; ++t)
      sum = hn::MulAdd(hn::Set(d, weight[t * weight_step]), load_some(x + t * x_step + c, n - c),
                       sum);
    store_some<float>(sum, out + c, n - c);
  }
}

void mix_of(const AttentionShape& shape, const float* p, const float* v, float* out) {
  const Sizes s(shape);
  const std::size_t row = s.n_heads * s.d_head;
  for (std::size_t h = 0; h < s.n_heads; ++h)
    for (std::size_t i = 0; i < s.n_queries; ++i)
      weighted_sum(p + (h * s.n_queries + i) * s.n_keys, 1, v + h * s.d_head, row, s.n_keys,
                   s.d_head, out + i * row + h * s.d_head);
}

void mix_transposed_of(const AttentionShape& shape, const float* p, const float* x, float* out) {
  const Sizes s(shape);
  const std::size_t row = s.n_heads * s.d_head;
  for (std::size_t h = 0; h < s.n_heads; ++h)
    for (std::size_t j = 0; j < s.n_keys; ++j)
      weighted_sum(p + h * s.n_queries * s.n_keys + j, s.n_keys, x + h * s.d_head, row, s.n_queries,
                   s.d_head, out + j * row + h * s.d_head);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "grok/base/error.h"
#include "grok/kernels/dispatch.h"

namespace grok {
namespace {
HWY_EXPORT(scores_of);
HWY_EXPORT(mix_of);
HWY_EXPORT(mix_transposed_of);

/// Numbers per example: in an array at the queries, one at the keys, and one of scores.
struct Strides {
  std::size_t queries, keys, scores;
  explicit Strides(const AttentionShape& s)
      : queries(static_cast<std::size_t>(s.n_queries * s.n_heads * s.d_head)),
        keys(static_cast<std::size_t>(s.n_keys * s.n_heads * s.d_head)),
        scores(static_cast<std::size_t>(s.n_heads * s.n_queries * s.n_keys)) {}
};

[[maybe_unused]] bool agree(const AttentionShape& shape, std::size_t queries, std::size_t keys,
                            std::size_t scores) {
  const Strides one(shape);
  const auto batch = static_cast<std::size_t>(shape.batch);
  return queries == batch * one.queries && keys == batch * one.keys && scores == batch * one.scores;
}

/// Calls f(example) for each, threads dividing the batch.
template <class F>
void for_examples(const AttentionShape& s, ThreadPool& pool, F&& f) {
  const std::int64_t work = s.n_heads * s.n_queries * s.n_keys * (s.d_head + 16);
  for_ranges(pool, s.batch, rows_per_chunk(work / 4),
             [&](std::size_t begin, std::size_t end) noexcept {
               for (std::size_t example = begin; example < end; ++example) f(example);
             });
}
}  // namespace

void attention_scores(const AttentionShape& shape, ConstFloats q, ConstFloats k, float scale,
                      Floats out, ThreadPool& pool) noexcept {
  GROK_ASSERT(agree(shape, q.size(), k.size(), out.size()));
  const Strides one(shape);
  const auto kernel = GROK_DISPATCH(scores_of);
  for_examples(shape, pool, [&](std::size_t e) noexcept {
    kernel(shape, q.data() + e * one.queries, k.data() + e * one.keys, scale,
           out.data() + e * one.scores);
  });
}

void attention_mix(const AttentionShape& shape, ConstFloats p, ConstFloats v, Floats out,
                   ThreadPool& pool) noexcept {
  GROK_ASSERT(agree(shape, out.size(), v.size(), p.size()));
  const Strides one(shape);
  const auto kernel = GROK_DISPATCH(mix_of);
  for_examples(shape, pool, [&](std::size_t e) noexcept {
    kernel(shape, p.data() + e * one.scores, v.data() + e * one.keys, out.data() + e * one.queries);
  });
}

void attention_mix_transposed(const AttentionShape& shape, ConstFloats p, ConstFloats x, Floats out,
                              ThreadPool& pool) noexcept {
  GROK_ASSERT(agree(shape, x.size(), out.size(), p.size()));
  const Strides one(shape);
  const auto kernel = GROK_DISPATCH(mix_transposed_of);
  for_examples(shape, pool, [&](std::size_t e) noexcept {
    kernel(shape, p.data() + e * one.scores, x.data() + e * one.queries, out.data() + e * one.keys);
  });
}

}  // namespace grok
#endif  // HWY_ONCE
