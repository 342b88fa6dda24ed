#include "grok/kernels/mix_rows.h"

#include <algorithm>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/mix_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"

#ifndef GROK_KERNELS_MIX_ROWS_CPP_
#define GROK_KERNELS_MIX_ROWS_CPP_
namespace grok {
namespace {
/// The arrays of a call. `to` is the output; `bias` may be null.
struct MixRows {
  std::size_t n_heads, n_queries, n_keys, width;
  const float* p;
  const float* x;
  const float* table;
  const Token* index;
  const float* bias;
  bool relu;
  bool is_large;  // more output than the second cache holds
  float* to;
};
}  // namespace
}  // namespace grok
#endif  // GROK_KERNELS_MIX_ROWS_CPP_

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {
using F = Vector<float>;
constexpr Full<float> d;

// Rows of x or of the mix at a time. Where they share a row of the table (neighbouring examples
// often do, queries of one example always), one load of it serves all of them: loads, of which a
// cycle has one, would otherwise hold up the multiply-adds.
constexpr std::size_t group = 4;

/// Where `n` rows of x or of the mix, consecutive ones, find what is theirs.
struct Group {
  std::size_t n;
  std::size_t p[group];  // in the pattern or its gradient: the first head's [n_keys]
  const Token* index[group];
};

HWY_INLINE Group group_at(const MixRows& m, std::size_t first, std::size_t n) {
  Group g{.n = n};
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t b = (first + i) / m.n_queries, q = (first + i) % m.n_queries;
    g.p[i] = (b * m.n_heads * m.n_queries + q) * m.n_keys;
    g.index[i] = m.index + b * m.n_keys;
  }
  return g;
}

/// Whether all of a group use the same row of the table as key k.
HWY_INLINE bool is_shared(const Group& g, std::size_t k) {
  for (std::size_t i = 1; i < g.n; ++i)
    if (g.index[i][k] != g.index[0][k]) return false;
  return true;
}

HWY_INLINE const float* row_of(const MixRows& m, const Group& g, std::size_t i, std::size_t k) {
  return m.table + static_cast<std::size_t>(g.index[i][k]) * m.n_heads * m.width;
}

// Sums in registers: sixteen of AVX-512's thirty-two, eight of AVX2's sixteen.
constexpr std::size_t n_vectors = HWY_TARGET <= HWY_AVX3 ? 4 : 2;

/// V vectors of a row, the last of which has `valid` columns: fewer than all unless `whole`.
template <std::size_t V, bool whole>
struct Columns {
  std::size_t first, valid;

  HWY_INLINE F load(const float* row, std::size_t v) const {
    const float* from = row + first + v * width<float>;
    return whole || v + 1 < V ? hn::LoadU(d, from) : load_partial(d, from, valid);
  }
  HWY_INLINE void store(F value, float* row, std::size_t v) const {
    float* to = row + first + v * width<float>;
    if (whole || v + 1 < V)
      hn::StoreU(value, d, to);
    else
      store_partial(value, d, to, valid);
  }
};

/// Columns of G rows of the mix.
template <std::size_t G, std::size_t V, bool whole>
HWY_NOINLINE void mix_columns(const MixRows& m, const Group& g, Columns<V, whole> columns,
                              float* out) {
  F sum[G][V];
#pragma GCC unroll 4
  for (std::size_t v = 0; v < V; ++v) {
    const F bias = m.bias ? columns.load(m.bias, v) : hn::Zero(d);
#pragma GCC unroll 4
    for (std::size_t i = 0; i < G; ++i) sum[i][v] = bias;
  }
  // A store to memory that no cache holds waits for it; where one does, asking costs more.
  if (m.is_large)
#pragma GCC unroll 4
    for (std::size_t i = 0; i < G; ++i)
#pragma GCC unroll 4
      for (std::size_t v = 0; v < V; ++v)
        __builtin_prefetch(out + i * m.width + columns.first + v * width<float>, 1);
  const std::size_t p_step = m.n_queries * m.n_keys, row_step = m.width, n_heads = m.n_heads;
  for (std::size_t k = 0; k < m.n_keys; ++k) {
    const float* weight[G];
    const float* row[G];
#pragma GCC unroll 4
    for (std::size_t i = 0; i < G; ++i) {
      weight[i] = m.p + g.p[i] + k;
      row[i] = row_of(m, g, i, k);
    }
    if (is_shared(g, k)) {
      for (std::size_t h = 0; h < n_heads; ++h) {
        F at[V];
#pragma GCC unroll 4
        for (std::size_t v = 0; v < V; ++v) at[v] = columns.load(row[0] + h * row_step, v);
#pragma GCC unroll 4
        for (std::size_t i = 0; i < G; ++i) {
          const F w = hn::Set(d, weight[i][h * p_step]);
#pragma GCC unroll 4
          for (std::size_t v = 0; v < V; ++v) sum[i][v] = hn::MulAdd(w, at[v], sum[i][v]);
        }
      }
    } else {
      for (std::size_t h = 0; h < n_heads; ++h)
#pragma GCC unroll 4
        for (std::size_t i = 0; i < G; ++i) {
          const F w = hn::Set(d, weight[i][h * p_step]);
          const float* from = row[i] + h * row_step;
#pragma GCC unroll 4
          for (std::size_t v = 0; v < V; ++v)
            sum[i][v] = hn::MulAdd(w, columns.load(from, v), sum[i][v]);
        }
    }
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < G; ++i)
#pragma GCC unroll 4
    for (std::size_t v = 0; v < V; ++v) {
      // max(sum, 0) would turn NaN into 0.
      const F kept = hn::IfThenElse(hn::Lt(sum[i][v], hn::Zero(d)), hn::Zero(d), sum[i][v]);
      columns.store(m.relu ? kept : sum[i][v], out + i * m.width, v);
    }
}

/// The columns from `c` on, `n` of them, which fit V vectors or fewer.
template <std::size_t G, std::size_t V>
HWY_INLINE void mix_some(const MixRows& m, const Group& g, std::size_t c, std::size_t n,
                         float* out) {
  if constexpr (V > 1)
    if (n <= (V - 1) * width<float>) return mix_some<G, V - 1>(m, g, c, n, out);
  if (n == V * width<float>)
    mix_columns<G, V, true>(m, g, {c, width<float>}, out);
  else
    mix_columns<G, V, false>(m, g, {c, n - (V - 1) * width<float>}, out);
}

template <std::size_t G>
HWY_INLINE void mix_group(const MixRows& m, std::size_t first) {
  const Group g = group_at(m, first, G);
  for (std::size_t c = 0; c < m.width; c += n_vectors * width<float>)
    mix_some<G, n_vectors>(m, g, c, std::min(m.width - c, n_vectors * width<float>),
                           m.to + first * m.width);
}

/// Rows [begin, end) of the mix, batch times queries in all.
void mix_range(const MixRows& m, std::size_t begin, std::size_t end) {
  for (; begin + group <= end; begin += group) mix_group<group>(m, begin);
  for (; begin < end; ++begin) mix_group<1>(m, begin);
}

/// found[i * 4 + h] = dot(x + i * n, row + heads[h]) of n numbers, for X rows of x and four heads.
template <std::size_t X>
HWY_NOINLINE void dots(const float* x, const float* row, const std::size_t* heads, std::size_t n,
                       float* found) {
  LaneSum<float> sum[X][4];
  const auto add = [&](std::size_t part, std::size_t c, auto load) HWY_ATTR {
    F at[4];
#pragma GCC unroll 4
    for (std::size_t h = 0; h < 4; ++h) at[h] = load(row + heads[h] + c);
#pragma GCC unroll 4
    for (std::size_t i = 0; i < X; ++i) {
      const F xi = load(x + i * n + c);
#pragma GCC unroll 4
      for (std::size_t h = 0; h < 4; ++h)
        sum[i][h].part[part] = hn::MulAdd(xi, at[h], sum[i][h].part[part]);
    }
  };
  std::size_t c = 0;
  for (; c + virtual_lanes<float> <= n; c += virtual_lanes<float>)
#pragma GCC unroll 4
    for (std::size_t part = 0; part < n_parts<float>; ++part)
      add(part, c + part * width<float>,
          [](const float* from) HWY_ATTR { return hn::LoadU(d, from); });
  // Lanes beyond the row gain a zero on every target, also in parts that lie wholly beyond it.
  if (c < n)
#pragma GCC unroll 4
    for (std::size_t part = 0; part < n_parts<float>; ++part) {
      const std::size_t begin = std::min(n, c + part * width<float>);
      add(part, begin, [&](const float* from) HWY_ATTR { return load_some(from, n - begin); });
    }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < X; ++i) fold_four(sum[i], found + i * 4);
}

// As many rows of x as leave all their sums in registers.
constexpr std::size_t max_x = HWY_TARGET <= HWY_AVX3 ? group : 1;

/// Asks for part k of n_keys of the n numbers from `next` on.
HWY_INLINE void fetch_part(const float* next, std::size_t n, std::size_t k, std::size_t n_keys) {
  for (std::size_t c = n * k / n_keys; c < n * (k + 1) / n_keys; c += 16)
    __builtin_prefetch(next + c, 0, 2);
}

/// All dots of X rows of x.
template <std::size_t X>
HWY_INLINE void dots_group(const MixRows& m, std::size_t first) {
  const Group g = group_at(m, first, X);
  const float* x = m.x + first * m.width;
  const std::size_t to_step = m.n_queries * m.n_keys;
  float found[X * 4];
  for (std::size_t k = 0; k < m.n_keys; ++k) {
    if (m.is_large) fetch_part(x + X * m.width, X * m.width, k, m.n_keys);
    for (std::size_t h = 0; h < m.n_heads; h += 4) {
      std::size_t heads[4];  // beyond the last head, that head again
      for (std::size_t i = 0; i < 4; ++i) heads[i] = std::min(h + i, m.n_heads - 1) * m.width;
      if (is_shared(g, k))
        dots<X>(x, row_of(m, g, 0, k), heads, m.width, found);
      else
        for (std::size_t i = 0; i < X; ++i)
          dots<1>(x + i * m.width, row_of(m, g, i, k), heads, m.width, found + i * 4);
      const std::size_t n_heads = std::min<std::size_t>(4, m.n_heads - h);
      for (std::size_t i = 0; i < X; ++i)
        for (std::size_t l = 0; l < n_heads; ++l)
          m.to[g.p[i] + (h + l) * to_step + k] = found[i * 4 + l];
    }
  }
}

/// Of rows [begin, end) of x, batch times queries in all.
void dots_range(const MixRows& m, std::size_t begin, std::size_t end) {
  for (; begin + max_x <= end; begin += max_x) dots_group<max_x>(m, begin);
  for (; begin < end; ++begin) dots_group<1>(m, begin);
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
HWY_EXPORT(mix_range);
HWY_EXPORT(dots_range);

MixRows arrays(const MixRowsShape& s, ConstFloats table, Tokens index) {
  MixRows m{};
  m.n_heads = static_cast<std::size_t>(s.n_heads);
  m.n_queries = static_cast<std::size_t>(s.n_queries);
  m.n_keys = static_cast<std::size_t>(s.n_keys);
  m.width = static_cast<std::size_t>(s.width);
  m.table = table.data();
  m.index = index.data();
  return m;
}

[[maybe_unused]] bool agree(const MixRowsShape& s, std::size_t p, std::size_t rows,
                            std::size_t table, std::size_t index) {
  const auto is = [](std::size_t size, std::int64_t n) {
    return size == static_cast<std::size_t>(n);
  };
  return is(p, s.batch * s.n_heads * s.n_queries * s.n_keys) &&
         is(rows, s.batch * s.n_queries * s.width) && is(table, s.n_rows * s.n_heads * s.width) &&
         is(index, s.batch * s.n_keys);
}

/// Calls range(m, begin, end) for all rows of x or of the mix, threads dividing them.
template <class F>
void for_rows(const MixRowsShape& s, const MixRows& m, ThreadPool& pool, F&& range) {
  for_ranges(pool, s.batch * s.n_queries, rows_per_chunk(s.n_heads * s.n_keys * s.width / 8),
             [&](std::size_t begin, std::size_t end) noexcept { range(m, begin, end); });
}
}  // namespace

void mix_rows(const MixRowsShape& shape, ConstFloats p, ConstFloats table, Tokens index,
              Epilogue epilogue, ConstFloats bias, Floats out, ThreadPool& pool) noexcept {
  GROK_ASSERT(agree(shape, p.size(), out.size(), table.size(), index.size()));
  GROK_ASSERT(epilogue == Epilogue::none || bias.size() == static_cast<std::size_t>(shape.width));
  MixRows m = arrays(shape, table, index);
  m.p = p.data();
  m.bias = epilogue == Epilogue::none ? nullptr : bias.data();
  m.relu = epilogue == Epilogue::bias_relu;
  m.is_large = out.size() > 200'000;
  m.to = out.data();
  for_rows(shape, m, pool, GROK_DISPATCH(mix_range));
}

void mix_rows_dots(const MixRowsShape& shape, ConstFloats x, ConstFloats table, Tokens index,
                   Floats out, ThreadPool& pool) noexcept {
  GROK_ASSERT(agree(shape, out.size(), x.size(), table.size(), index.size()));
  MixRows m = arrays(shape, table, index);
  m.x = x.data();
  m.is_large = x.size() > 200'000;
  m.to = out.data();
  for_rows(shape, m, pool, GROK_DISPATCH(dots_range));
}

}  // namespace grok
#endif  // HWY_ONCE
