#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "grok/kernels/mix_rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/mix_rows_transposed.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"

#ifndef GROK_KERNELS_MIX_ROWS_TRANSPOSED_CPP_
#define GROK_KERNELS_MIX_ROWS_TRANSPOSED_CPP_
namespace grok {
namespace {
/// One place where a row of the table is used: a row of x, and the first head's weight in p.
struct Use {
  std::int32_t x_row;
  std::int32_t p_at;
};

// A strip of x is fetched so many uses early, for they jump about in more than the second cache
// holds. Behind the last use lie as many of x's first row.
constexpr std::size_t uses_ahead = 16;

/// The arrays of a call. Row r of the table is used at uses[starts[r]..starts[r + 1]), in order.
struct Transposed {
  std::size_t n_rows, n_heads, p_step, width;  // p_step: from one head's weight to the next's
  const float* p;
  const float* x;
  const std::int32_t* starts;
  const Use* uses;
  float* out;
};
}  // namespace
}  // namespace grok
#endif  // GROK_KERNELS_MIX_ROWS_TRANSPOSED_CPP_

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {
using F = Vector<float>;
constexpr Full<float> d;

// Sums in registers: heads times vectors. Sixteen of AVX-512's thirty-two, eight of AVX2's sixteen.
constexpr std::size_t max_heads = 4;
constexpr std::size_t max_vectors = HWY_TARGET <= HWY_AVX3 ? 4 : 2;

/// Sums of H heads from `p` and `out` on, V vectors of columns from `x` and `out` on, the last of
/// them with `valid` columns, over the uses of one row.
template <std::size_t H, std::size_t V, bool whole>
HWY_NOINLINE void sum_uses(const Transposed& t, const Use* use, const Use* end, const float* p,
                           const float* x, std::size_t valid, float* out) {
  F sum[H][V];
#pragma GCC unroll 4
  for (auto& head : sum)
#pragma GCC unroll 4
    for (F& s : head) s = hn::Zero(d);
  for (; use != end; ++use) {
    const float* from = x + static_cast<std::size_t>(use->x_row) * t.width;
    const float* weight = p + use->p_at;
    const float* later = x + static_cast<std::size_t>(use[uses_ahead].x_row) * t.width;
#pragma GCC unroll 8
    for (std::size_t v = 0; v < V; ++v) __builtin_prefetch(later + v * width<float>);
    F at[V];
#pragma GCC unroll 8
    for (std::size_t v = 0; v < V; ++v)
      at[v] = whole || v + 1 < V ? hn::LoadU(d, from + v * width<float>)
                                 : load_partial(d, from + v * width<float>, valid);
#pragma GCC unroll 4
    for (std::size_t h = 0; h < H; ++h) {
      const F w = hn::Set(d, weight[h * t.p_step]);
#pragma GCC unroll 8
      for (std::size_t v = 0; v < V; ++v) sum[h][v] = hn::MulAdd(w, at[v], sum[h][v]);
    }
  }
#pragma GCC unroll 4
  for (std::size_t h = 0; h < H; ++h)
#pragma GCC unroll 8
    for (std::size_t v = 0; v < V; ++v) {
      float* to = out + h * t.width + v * width<float>;
      if (whole || v + 1 < V)
        hn::StoreU(sum[h][v], d, to);
      else
        store_partial(sum[h][v], d, to, valid);
    }
}

using SumUses = void (*)(const Transposed&, const Use*, const Use*, const float*, const float*,
                         std::size_t, float*);

template <std::size_t H, std::size_t V>
SumUses choose(std::size_t n_heads, std::size_t n_columns) {
  if constexpr (H > 1)
    if (n_heads < H) return choose<H - 1, V>(n_heads, n_columns);
  if constexpr (V > 1)
    if (n_columns <= (V - 1) * width<float>) return choose<H, V - 1>(n_heads, n_columns);
  return n_columns == V * width<float> ? sum_uses<H, V, true> : sum_uses<H, V, false>;
}

/// Columns [begin, end) of all rows of the table.
void transposed_columns(const Transposed& t, std::size_t begin, std::size_t end) {
  for (std::size_t c = begin; c < end; c += max_vectors * width<float>) {
    const std::size_t n = std::min(end - c, max_vectors * width<float>);
    const std::size_t valid = (n - 1) % width<float> + 1;
    for (std::size_t h = 0; h < t.n_heads; h += max_heads) {
      const SumUses sum = choose<max_heads, max_vectors>(std::min(t.n_heads - h, max_heads), n);
      for (std::size_t row = 0; row < t.n_rows; ++row)
        sum(t, t.uses + t.starts[row], t.uses + t.starts[row + 1], t.p + h * t.p_step, t.x + c,
            valid, t.out + (row * t.n_heads + h) * t.width + c);
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
HWY_EXPORT(transposed_columns);

// Four vectors of AVX-512, four cache lines of a row of x.
constexpr std::int64_t columns_per_task = 64;

std::int64_t n_uses(const MixRowsShape& s) { return s.batch * s.n_keys * s.n_queries; }

std::size_t starts_at(const MixRowsShape& s) {
  return (static_cast<std::size_t>(n_uses(s)) + uses_ahead) * sizeof(Use);
}
}  // namespace

std::int64_t mix_uses_bytes(const MixRowsShape& s) {
  return static_cast<std::int64_t>(starts_at(s)) +
         (s.n_rows + 1) * static_cast<std::int64_t>(sizeof(std::int32_t));
}

void list_mix_uses(const MixRowsShape& s, Tokens index, std::span<std::byte> memory) noexcept {
  GROK_ASSERT(index.size() == static_cast<std::size_t>(s.batch * s.n_keys) &&
              n_uses(s) * s.n_heads <= std::int64_t{1} << 31 &&
              memory.size() >= static_cast<std::size_t>(mix_uses_bytes(s)));
  auto* const uses = reinterpret_cast<Use*>(memory.data());
  auto* const starts = reinterpret_cast<std::int32_t*>(memory.data() + starts_at(s));
  const auto n_queries = static_cast<std::int32_t>(s.n_queries);
  const auto n_keys = static_cast<std::int32_t>(s.n_keys);
  const auto per_example = static_cast<std::int32_t>(s.n_heads) * n_queries * n_keys;
  // starts[r + 1] counts the uses of rows before r, then runs through r's own to its end.
  std::fill_n(starts, s.n_rows + 1, 0);
  for (const Token row : index)
    if (row + 2 <= s.n_rows) starts[row + 2] += n_queries;
  for (std::int64_t row = 2; row <= s.n_rows; ++row) starts[row] += starts[row - 1];
  const Token* row = index.data();
  for (std::int32_t b = 0; b < s.batch; ++b)
    for (std::int32_t k = 0; k < n_keys; ++k, ++row)
      for (std::int32_t q = 0; q < n_queries; ++q)
        uses[starts[*row + 1]++] = {b * n_queries + q, b * per_example + q * n_keys + k};
  std::fill_n(uses + n_uses(s), uses_ahead, Use{0, 0});
}

void mix_rows_transposed(const MixRowsShape& s, ConstFloats p, ConstFloats x,
                         std::span<const std::byte> uses, Floats out, ThreadPool& pool) noexcept {
  GROK_ASSERT(p.size() == static_cast<std::size_t>(n_uses(s) * s.n_heads) &&
              x.size() == static_cast<std::size_t>(s.batch * s.n_queries * s.width) &&
              out.size() == static_cast<std::size_t>(s.n_rows * s.n_heads * s.width) &&
              uses.size() >= static_cast<std::size_t>(mix_uses_bytes(s)));
  if (s.n_rows == 0) return;
  const Transposed t{.n_rows = static_cast<std::size_t>(s.n_rows),
                     .n_heads = static_cast<std::size_t>(s.n_heads),
                     .p_step = static_cast<std::size_t>(s.n_queries * s.n_keys),
                     .width = static_cast<std::size_t>(s.width),
                     .p = p.data(),
                     .x = x.data(),
                     .starts = reinterpret_cast<const std::int32_t*>(uses.data() + starts_at(s)),
                     .uses = reinterpret_cast<const Use*>(uses.data()),
                     .out = out.data()};
  const auto columns = GROK_DISPATCH(transposed_columns);
  for_ranges(pool, s.width, columns_per_task,
             [&](std::size_t begin, std::size_t end) noexcept { columns(t, begin, end); });
}

}  // namespace grok
#endif  // HWY_ONCE
