#include <algorithm>
#include <cstddef>

#include "grok/kernels/mix_rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/mix_rows_dots.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"
#include "grok/kernels/mix_table.h"

#ifndef GROK_KERNELS_MIX_ROWS_DOTS_CPP_
#define GROK_KERNELS_MIX_ROWS_DOTS_CPP_
namespace grok {
namespace {
/// The arrays of a call.
struct MixDots {
  MixRowsShape shape;
  MixTable table;
  std::size_t n_keys, to_step;  // to_step: from one head's dot to the next's
  const float* x;
  const Token* index;
  float* to;
};
}  // namespace
}  // namespace grok
#endif  // GROK_KERNELS_MIX_ROWS_DOTS_CPP_

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {
constexpr Full<float> d;
// Columns whose sum one fold of the lanes makes: a strip, so that the rows of it that neighbours
// share stay in the first cache.
constexpr std::size_t columns_per_sum = strip_columns;
constexpr std::size_t n_heads_at_once = 4;
// Dots with four heads at a time: as many as leave all sums in registers.
constexpr std::size_t max_dots = HWY_TARGET <= HWY_AVX3 ? 4 : 1;

/// One row of x and one row of the table, from its first head and column on.
struct Pair {
  const float* x;
  const float* row;
};

/// Sums of lanes: pairs times heads.
template <std::size_t X>
using Sums = LaneSum<float>[X][n_heads_at_once];

/// to[i * 4 + h] += the fold of sum[i][h].
template <std::size_t X>
HWY_INLINE void add_folded(const Sums<X>& sum, float* to) {
#if HWY_TARGET <= HWY_AVX3
  if constexpr (X == 4) {
    hn::StoreU(hn::Add(hn::LoadU(d, to), fold_sixteen(sum[0])), d, to);
    return;
  }
#endif
  const hn::FixedTag<float, 4> four;
#pragma GCC unroll 4
  for (std::size_t i = 0; i < X; ++i) {
    HWY_ALIGN float found[4];
    fold_four(sum[i], found);
    hn::StoreU(hn::Add(hn::LoadU(four, to + i * 4), hn::Load(four, found)), four, to + i * 4);
  }
}

/// Adds the products of sixteen columns from `c` on, of which `valid` exist, of X pairs, H heads.
template <std::size_t X, std::size_t H, bool whole>
HWY_INLINE void add_products(const Pair (&pair)[X], std::size_t c, std::size_t valid,
                             Sums<X>& sum) {
#pragma GCC unroll 4
  for (std::size_t part = 0; part < n_parts<float>; ++part) {
    const std::size_t begin = part * width<float>, at = c + begin;
#pragma GCC unroll 4
    for (std::size_t i = 0; i < X; ++i) {
      // Lanes beyond the row gain a zero on every target, also in parts that lie beyond it.
      const Vector<float> x = whole ? hn::LoadU(d, pair[i].x + at)
                                    : load_some(pair[i].x + at, valid > begin ? valid - begin : 0);
#pragma GCC unroll 4
      for (std::size_t h = 0; h < H; ++h)
        sum[i][h].part[part] =
            hn::MulAdd(x, hn::LoadU(d, pair[i].row + h * strip_columns + at), sum[i][h].part[part]);
    }
  }
}

/// Adds to[i * 4 + h] the dot of n columns of pair i with head h, for H heads, and moves the pairs
/// on by a strip.
template <std::size_t X, std::size_t H>
HWY_NOINLINE void add_dots(Pair* pairs, std::size_t n, std::size_t strip_size, float* to) {
  constexpr std::size_t lanes = virtual_lanes<float>;
  Pair pair[X];
  for (std::size_t i = 0; i < X; ++i) {
    pair[i] = pairs[i];
    pairs[i].x += strip_columns;
    pairs[i].row += strip_size;
  }
  Sums<X> sum;
  std::size_t c = 0;
  if (n == strip_columns)
#pragma GCC unroll 4
    for (; c < strip_columns; c += lanes) add_products<X, H, true>(pair, c, lanes, sum);
  for (; c + lanes <= n; c += lanes) add_products<X, H, true>(pair, c, lanes, sum);
  if (c < n) add_products<X, H, false>(pair, c, n - c, sum);
  add_folded(sum, to);
}

using AddDots = void (*)(Pair*, std::size_t, std::size_t, float*);

template <std::size_t X, std::size_t H = n_heads_at_once>
AddDots add_dots_of(std::size_t n_heads) {
  if constexpr (H > 1)
    if (n_heads < H) return add_dots_of<X, H - 1>(n_heads);
  return add_dots<X, H>;
}

/// The dots of rows [begin, end) of x with heads [h, h + n_heads): so few rows that all pairs of
/// one with a key are at most mix_places.
void dots_of_heads(const MixDots& m, std::size_t begin, std::size_t end, std::size_t k,
                   std::size_t n_keys, std::size_t h, std::size_t n_heads) {
  const MixTable& t = m.table;
  MixPlace<float> place[mix_places];
  find_places(m.shape, m.index, m.to, begin, end - begin, place);
  Pair pair[mix_places];
  float found[mix_places * n_heads_at_once] = {};
  std::size_t n = 0;
  for (std::size_t r = begin; r < end; ++r)
    for (std::size_t l = k; l < k + n_keys; ++l)
      pair[n++] = {m.x + r * t.width,
                   t.data + static_cast<std::size_t>(place[r - begin].index[l]) * t.row_step() +
                       h * strip_columns};
  const AddDots add_four = add_dots_of<max_dots>(n_heads), add_one = add_dots_of<1>(n_heads);
  for (std::size_t c = 0; c < t.width; c += columns_per_sum) {
    const std::size_t columns = std::min(t.width - c, columns_per_sum);
    std::size_t i = 0;
    for (; i + max_dots <= n; i += max_dots)
      add_four(pair + i, columns, t.strip_size(), found + i * n_heads_at_once);
    for (; i < n; ++i) add_one(pair + i, columns, t.strip_size(), found + i * n_heads_at_once);
  }
  const float* dot = found;
  for (std::size_t r = begin; r < end; ++r)
    for (std::size_t l = k; l < k + n_keys; ++l, dot += n_heads_at_once)
      for (std::size_t i = 0; i < n_heads; ++i)
        place[r - begin].p[(h + i) * m.to_step + l] = dot[i];
}

/// Of rows [begin, end) of x, batch times queries in all.
void dots_range(const MixDots& m, std::size_t begin, std::size_t end) {
  const std::size_t n_keys = std::min(m.n_keys, mix_places), n_heads = m.table.n_heads;
  const std::size_t n_rows = n_keys > 0 ? mix_places / n_keys : mix_places;
  for (; begin < end; begin += n_rows)
    for (std::size_t k = 0; k < m.n_keys; k += n_keys)
      for (std::size_t h = 0; h < n_heads; h += n_heads_at_once)
        dots_of_heads(m, begin, std::min(end, begin + n_rows), k, std::min(n_keys, m.n_keys - k), h,
                      std::min(n_heads_at_once, n_heads - h));
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
HWY_EXPORT(dots_range);
}  // namespace

void mix_rows_dots(const MixRowsShape& s, ConstFloats x, std::span<const std::byte> packed,
                   Tokens index, Floats out, ThreadPool& pool) noexcept {
  GROK_ASSERT(out.size() ==
                  static_cast<std::size_t>(s.batch * s.n_heads * s.n_queries * s.n_keys) &&
              index.size() == static_cast<std::size_t>(s.batch * s.n_keys) &&
              x.size() == static_cast<std::size_t>(s.batch * s.n_queries * s.width) &&
              packed.size() >= static_cast<std::size_t>(mix_table_bytes(s)));
  if (s.width == 0) {
    std::fill(out.begin(), out.end(), 0.0f);
    return;
  }
  const MixDots m{.shape = s,
                  .table = mix_table(s, reinterpret_cast<const float*>(packed.data())),
                  .n_keys = static_cast<std::size_t>(s.n_keys),
                  .to_step = static_cast<std::size_t>(s.n_queries * s.n_keys),
                  .x = x.data(),
                  .index = index.data(),
                  .to = out.data()};
  const auto range = GROK_DISPATCH(dots_range);
  for_ranges(pool, s.batch * s.n_queries, mix_rows_per_chunk(s),
             [&](std::size_t begin, std::size_t end) noexcept { range(m, begin, end); });
}

}  // namespace grok
#endif  // HWY_ONCE
