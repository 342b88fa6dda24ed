#include "grok/kernels/mix_rows.h"

#include <algorithm>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/mix_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"
#include "grok/kernels/mix_table.h"

#ifndef GROK_KERNELS_MIX_ROWS_CPP_
#define GROK_KERNELS_MIX_ROWS_CPP_
namespace grok {
namespace {
/// The arrays of a call; `bias` may be null.
struct MixRows {
  MixRowsShape shape;
  MixTable table;
  std::size_t n_keys, p_step;  // p_step: from one head's weight to the next's
  const float* p;
  const Token* index;
  const float* bias;
  bool relu;
  float* out;
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
using Place = MixPlace<const float>;

// Sums in registers: of four rows sixteen of AVX-512's thirty-two, eight of AVX2's sixteen.
constexpr std::size_t max_vectors = HWY_TARGET <= HWY_AVX3 ? 4 : 2;

/// V vectors of G rows of the mix: columns from `column` on, of which the last vector has `valid`.
/// `strip` is the table's, from the same column on.
template <std::size_t G, std::size_t V>
HWY_NOINLINE void mix_columns(const MixRows& m, const Place* place, const float* strip,
                              std::size_t column, std::size_t valid, float* out) {
  F sum[G][V];
#pragma GCC unroll 4
  for (std::size_t v = 0; v < V; ++v) {
    F bias = hn::Zero(d);
    if (m.bias)
      bias = load_some(m.bias + column + v * width<float>, v + 1 < V ? width<float> : valid);
#pragma GCC unroll 4
    for (std::size_t i = 0; i < G; ++i) sum[i][v] = bias;
  }
  const std::size_t n_heads = m.table.n_heads, row_step = m.table.row_step();
  for (std::size_t k = 0; k < m.n_keys; ++k) {
    const float *weight[G], *row[G];
#pragma GCC unroll 4
    for (std::size_t i = 0; i < G; ++i) {
      weight[i] = place[i].p + k;
      row[i] = strip + static_cast<std::size_t>(place[i].index[k]) * row_step;
    }
    // From the first cache a cycle loads as many vectors as it multiplies, so nothing is gained by
    // finding out which rows are the same.
    for (std::size_t h = 0, at = 0, p_at = 0; h < n_heads;
         ++h, at += strip_columns, p_at += m.p_step)
#pragma GCC unroll 4
      for (std::size_t i = 0; i < G; ++i) {
        const F w = hn::Set(d, weight[i][p_at]);
#pragma GCC unroll 4
        for (std::size_t v = 0; v < V; ++v)
          sum[i][v] = hn::MulAdd(w, hn::LoadU(d, row[i] + at + v * width<float>), sum[i][v]);
      }
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < G; ++i)
#pragma GCC unroll 4
    for (std::size_t v = 0; v < V; ++v) {
      // max(sum, 0) would turn NaN into 0.
      const F kept = hn::IfThenElse(hn::Lt(sum[i][v], hn::Zero(d)), hn::Zero(d), sum[i][v]);
      store_some(m.relu ? kept : sum[i][v], out + i * m.table.width + column + v * width<float>,
                 v + 1 < V ? width<float> : valid);
    }
}

/// Columns [column, column + n) of a group of rows, n at most max_vectors vectors.
template <std::size_t G, std::size_t V>
HWY_INLINE void mix_some(const MixRows& m, const Place* place, const float* strip,
                         std::size_t column, std::size_t n, float* out) {
  if constexpr (V > 1)
    if (n <= (V - 1) * width<float>) return mix_some<G, V - 1>(m, place, strip, column, n, out);
  mix_columns<G, V>(m, place, strip, column, n - (V - 1) * width<float>, out);
}

/// Strip s of a group of rows.
template <std::size_t G>
HWY_INLINE void mix_strip(const MixRows& m, const Place* place, std::size_t s, float* out) {
  const std::size_t n = m.table.columns(s);
  constexpr std::size_t step = max_vectors * width<float>;
  for (std::size_t c = 0; c < n; c += step)
    mix_some<G, max_vectors>(m, place, m.table.strip(s) + c, s * strip_columns + c,
                             std::min(step, n - c), out);
}

/// Rows [begin, end) of the mix, batch times queries in all.
void mix_range(const MixRows& m, std::size_t begin, std::size_t end) {
  for (; begin < end; begin += mix_places) {
    Place place[mix_places];
    const std::size_t n = std::min(mix_places, end - begin);
    find_places(m.shape, m.index, m.p, begin, n, place);
    float* const out = m.out + begin * m.table.width;
    for (std::size_t s = 0; s < m.table.n_strips(); ++s) {
      std::size_t i = 0;
      for (; i + mix_group <= n; i += mix_group)
        mix_strip<mix_group>(m, place + i, s, out + i * m.table.width);
      for (; i < n; ++i) mix_strip<1>(m, place + i, s, out + i * m.table.width);
    }
  }
}

/// Rows [begin, end) of the table into its strips.
void pack_range(const float* from, const MixTableOf<float>& to, std::size_t begin,
                std::size_t end) {
  for (std::size_t s = 0; s < to.n_strips(); ++s) {
    const std::size_t n = to.columns(s);
    for (std::size_t r = begin * to.n_heads; r < end * to.n_heads; ++r) {
      const float* const columns = from + r * to.width + s * strip_columns;
      float* const packed = to.strip(s) + r * strip_columns;
      std::size_t c = 0;
      for (; c + width<float> <= n; c += width<float>)
        hn::StoreU(hn::LoadU(d, columns + c), d, packed + c);
      for (; c < strip_columns; ++c) packed[c] = c < n ? columns[c] : 0.0f;
    }
  }
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
HWY_EXPORT(pack_range);
}  // namespace

std::int64_t mix_table_bytes(const MixRowsShape& s) {
  const MixTable table = mix_table(s, nullptr);
  return static_cast<std::int64_t>(table.n_strips() * table.strip_size() * sizeof(float));
}

void mix_table_pack(const MixRowsShape& s, ConstFloats table, std::span<std::byte> packed,
                    ThreadPool& pool) noexcept {
  GROK_ASSERT(table.size() == static_cast<std::size_t>(s.n_rows * s.n_heads * s.width) &&
              packed.size() >= static_cast<std::size_t>(mix_table_bytes(s)));
  const auto to = mix_table(s, reinterpret_cast<float*>(packed.data()));
  const auto pack = GROK_DISPATCH(pack_range);
  for_ranges(
      pool, s.n_rows, rows_per_chunk(s.n_heads * s.width),
      [&](std::size_t begin, std::size_t end) noexcept { pack(table.data(), to, begin, end); });
}

void mix_rows(const MixRowsShape& s, ConstFloats p, std::span<const std::byte> packed, Tokens index,
              Epilogue epilogue, ConstFloats bias, Floats out, ThreadPool& pool) noexcept {
  GROK_ASSERT(p.size() == static_cast<std::size_t>(s.batch * s.n_heads * s.n_queries * s.n_keys) &&
              index.size() == static_cast<std::size_t>(s.batch * s.n_keys) &&
              out.size() == static_cast<std::size_t>(s.batch * s.n_queries * s.width) &&
              packed.size() >= static_cast<std::size_t>(mix_table_bytes(s)));
  GROK_ASSERT(epilogue == Epilogue::none || bias.size() == static_cast<std::size_t>(s.width));
  const MixRows m{.shape = s,
                  .table = mix_table(s, reinterpret_cast<const float*>(packed.data())),
                  .n_keys = static_cast<std::size_t>(s.n_keys),
                  .p_step = static_cast<std::size_t>(s.n_queries * s.n_keys),
                  .p = p.data(),
                  .index = index.data(),
                  .bias = epilogue == Epilogue::none ? nullptr : bias.data(),
                  .relu = epilogue == Epilogue::bias_relu,
                  .out = out.data()};
  const auto mix = GROK_DISPATCH(mix_range);
  for_ranges(pool, s.batch * s.n_queries, mix_rows_per_chunk(s),
             [&](std::size_t begin, std::size_t end) noexcept { mix(m, begin, end); });
}

}  // namespace grok
#endif  // HWY_ONCE
