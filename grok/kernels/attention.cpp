#include "grok/kernels/attention.h"

#include <algorithm>
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
  std::size_t n_queries, n_keys, n_heads, d_head, visible;
  explicit Sizes(const AttentionShape& s)
      : n_queries(static_cast<std::size_t>(s.n_queries)),
        n_keys(static_cast<std::size_t>(s.n_keys)),
        n_heads(static_cast<std::size_t>(s.n_heads)),
        d_head(static_cast<std::size_t>(s.d_head)),
        visible(static_cast<std::size_t>(s.visible)) {}
  std::size_t row() const { return n_heads * d_head; }  // of queries, keys and values
  std::size_t keys_seen_by(std::size_t query) const {
    return visible == 0 ? n_keys : std::min(n_keys, visible + query);
  }
  std::size_t first_query_to_see(std::size_t key) const {
    return visible == 0 || key < visible ? 0 : std::min(n_queries, key + 1 - visible);
  }
};

HWY_INLINE float dot(const float* a, const float* b, std::size_t n) {
  LaneSum<float> sum;
  GROK_FOR_VECTORS(float, n, i, valid, part)
  sum.part[part] = hn::MulAdd(load_some(a + i, valid), load_some(b + i, valid), sum.part[part]);
  return sum.fold();
}

// Few keys: each score is the sum of one vector.
void scores_of_few_keys(const Sizes& s, const float* q, const float* k, float scale, float* out) {
  const std::size_t row = s.row();
  for (std::size_t h = 0; h < s.n_heads; ++h)
    for (std::size_t i = 0; i < s.n_queries; ++i)
      for (std::size_t j = 0; j < s.n_keys; ++j)
        *out++ = j < s.keys_seen_by(i)
                     ? scale * dot(q + i * row + h * s.d_head, k + j * row + h * s.d_head, s.d_head)
                     : 0.0f;
}

// Many keys: they are the lanes. A block of them is transposed, sixty-four by at most so many
// numbers of a head at a time; sums run over the head's numbers in order.
constexpr std::size_t block_keys = 64, block_numbers = 128;
constexpr std::size_t few_keys = 16;

struct KeyBlock {
  HWY_ALIGN float number[block_numbers][block_keys];

  void load(const float* k, std::size_t row, std::size_t n_keys, std::size_t n_numbers) {
    for (std::size_t j = 0; j < block_keys; ++j)
      for (std::size_t c = 0; c < n_numbers; ++c) number[c][j] = j < n_keys ? k[j * row + c] : 0.0f;
  }
};

// Which of a head's numbers are added up, and by what the sum is multiplied in the end.
struct Numbers {
  std::size_t n;
  bool goes_on, ends;
  float scale;
};

// Sums of `n_rows` queries, from `query` on, with one vector of keys, which begins with `key`.
template <std::size_t n_rows>
HWY_INLINE void score_tile(const KeyBlock& keys, const Numbers& numbers, const float* q,
                           const Sizes& s, std::size_t query, std::size_t key, float* out) {
  const std::size_t row = s.row(), out_row = s.n_keys, valid = s.n_keys - key;
  q += query * row;
  out += query * out_row + key;
  if (key >= s.keys_seen_by(query + n_rows - 1)) {
    for (std::size_t r = 0; r < n_rows; ++r)
      store_some<float>(hn::Zero(d), out + r * out_row, valid);
    return;
  }
  F sum[n_rows];
  for (std::size_t r = 0; r < n_rows; ++r)
    sum[r] = numbers.goes_on ? load_some(out + r * out_row, valid) : hn::Zero(d);
  for (std::size_t c = 0; c < numbers.n; ++c) {
    const F number = hn::Load(d, keys.number[c] + key % block_keys);
    for (std::size_t r = 0; r < n_rows; ++r)
      sum[r] = hn::MulAdd(hn::Set(d, q[r * row + c]), number, sum[r]);
  }
  if (numbers.ends)
    for (std::size_t r = 0; r < n_rows; ++r) {
      const std::size_t seen = s.keys_seen_by(query + r);
      sum[r] = hn::Mul(sum[r], hn::Set(d, numbers.scale));
      sum[r] = keep_some<float>(sum[r], key < seen ? seen - key : 0);
    }
  for (std::size_t r = 0; r < n_rows; ++r) store_some<float>(sum[r], out + r * out_row, valid);
}

void scores_of_many_keys(const Sizes& s, const float* q, const float* k, float scale, float* out) {
  constexpr std::size_t tile = 8;
  const std::size_t row = s.row();
  KeyBlock block;
  for (std::size_t h = 0; h < s.n_heads; ++h) {
    float* const scores = out + h * s.n_queries * s.n_keys;
    for (std::size_t j = 0; j < s.n_keys; j += block_keys)
      for (std::size_t c = 0; c < s.d_head; c += block_numbers) {
        const std::size_t n_keys = std::min(block_keys, s.n_keys - j);
        const std::size_t n_numbers = std::min(block_numbers, s.d_head - c);
        const Numbers numbers{n_numbers, c > 0, c + n_numbers == s.d_head, scale};
        const std::size_t from = h * s.d_head + c;
        block.load(k + j * row + from, row, n_keys, n_numbers);
        for (std::size_t key = j; key < j + n_keys; key += width<float>) {
          std::size_t i = 0;
          for (; i + tile <= s.n_queries; i += tile)
            score_tile<tile>(block, numbers, q + from, s, i, key, scores);
          for (; i < s.n_queries; ++i) score_tile<1>(block, numbers, q + from, s, i, key, scores);
        }
      }
  }
}

void scores_of(const AttentionShape& shape, const float* q, const float* k, float scale,
               float* out) {
  const Sizes s(shape);
  // For a single query it is not worth it to turn the keys around.
  if (s.n_keys < few_keys || s.n_queries == 1)
    scores_of_few_keys(s, q, k, scale, out);
  else
    scores_of_many_keys(s, q, k, scale, out);
}

// The terms of some sums: sum r is the sum over t of weight[r * next_sum + t * next_term] times
// x[t * row + 0..n).
struct Terms {
  const float* weight;
  std::size_t next_sum, next_term;
  const float* x;
  std::size_t row, n;
};

/// Terms [begin, end).
struct Span {
  std::size_t begin, end;
};

// Which terms each of many sums has: a span, which moves by one place from sum to sum until an end
// of all is reached.
struct Staircase {
  const Sizes& s;
  bool is_transposed;  // sums are of keys, over the queries that see them
  Span of(std::size_t sum) const {
    if (is_transposed) return {s.first_query_to_see(sum), s.n_queries};
    return {0, s.keys_seen_by(sum)};
  }
};

// `n_sums` of them side by side, from `first` on, so that one's additions need not wait for
// another's; each runs over its terms in order. What one has and another lacks weighs nothing
// there.
template <std::size_t n_sums>
HWY_INLINE void sums_of(const Terms& t, const Staircase& stairs, std::size_t first, float* out) {
  Span span[n_sums];
  for (std::size_t r = 0; r < n_sums; ++r) span[r] = stairs.of(first + r);
  const Span head = span[0], tail = span[n_sums - 1];
  const Span all{std::min(head.begin, tail.begin), std::max(head.end, tail.end)};
  const Span common{std::max(head.begin, tail.begin), std::min(head.end, tail.end)};
  const float* const weights = t.weight + first * t.next_sum;
  for (std::size_t c = 0; c < t.n; c += width<float>) {
    F sum[n_sums];
    for (std::size_t r = 0; r < n_sums; ++r) sum[r] = hn::Zero(d);
    const auto ragged = [&](std::size_t begin, std::size_t end) HWY_ATTR {
      for (std::size_t i = begin; i < end; ++i) {
        const F term = load_some(t.x + i * t.row + c, t.n - c);
        for (std::size_t r = 0; r < n_sums; ++r) {
          const bool has = span[r].begin <= i && i < span[r].end;
          const float weight = has ? weights[r * t.next_sum + i * t.next_term] : 0.0f;
          sum[r] = hn::MulAdd(hn::Set(d, weight), term, sum[r]);
        }
      }
    };
    ragged(all.begin, std::min(common.begin, all.end));
    const float* weight = weights + common.begin * t.next_term;
    const float* x = t.x + common.begin * t.row + c;
    for (std::size_t i = common.begin; i < common.end; ++i, weight += t.next_term, x += t.row) {
      const F term = load_some(x, t.n - c);
      for (std::size_t r = 0; r < n_sums; ++r)
        sum[r] = hn::MulAdd(hn::Set(d, weight[r * t.next_sum]), term, sum[r]);
    }
    ragged(std::max(common.begin, common.end), all.end);
    for (std::size_t r = 0; r < n_sums; ++r)
      store_some<float>(sum[r], out + (first + r) * t.row + c, t.n - c);
  }
}

// All `n` sums of one head's output.
HWY_INLINE void all_sums(const Terms& t, const Staircase& stairs, std::size_t n, float* out) {
  constexpr std::size_t tile = 8;
  std::size_t i = 0;
  for (; i + tile <= n; i += tile) sums_of<tile>(t, stairs, i, out);
  for (; i < n; ++i) sums_of<1>(t, stairs, i, out);
}

void mix_of(const AttentionShape& shape, const float* p, const float* v, float* out) {
  const Sizes s(shape);
  for (std::size_t h = 0; h < s.n_heads; ++h)
    all_sums({p + h * s.n_queries * s.n_keys, s.n_keys, 1, v + h * s.d_head, s.row(), s.d_head},
             {s, false}, s.n_queries, out + h * s.d_head);
}

void mix_transposed_of(const AttentionShape& shape, const float* p, const float* x, float* out) {
  const Sizes s(shape);
  for (std::size_t h = 0; h < s.n_heads; ++h)
    all_sums({p + h * s.n_queries * s.n_keys, 1, s.n_keys, x + h * s.d_head, s.row(), s.d_head},
             {s, true}, s.n_keys, out + h * s.d_head);
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
