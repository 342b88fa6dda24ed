#include "grok/kernels/rows.h"

#include <algorithm>
#include <cstddef>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {
constexpr Full<float> d;

// 64 columns at a time: four cache lines of each row, and no more registers than AVX2 has.
constexpr std::size_t strip = 64;
constexpr std::size_t rows_per_sum = 128;

/// Adds the sums of `cols` <= strip columns to `out`.
void sum_strip(const float* x, std::size_t rows, std::size_t n, std::size_t cols, float* out) {
  constexpr std::size_t parts = strip / width<float>;
  for (std::size_t begin = 0; begin < rows; begin += rows_per_sum) {
    const std::size_t end = std::min(rows, begin + rows_per_sum);
    Vector<float> sum[parts];
    for (auto& s : sum) s = hn::Zero(d);
    for (std::size_t row = begin; row < end; ++row) {
      const float* from = x + row * n;
      if (cols == strip) {
#pragma GCC unroll 16
        for (std::size_t i = 0; i < parts; ++i)
          sum[i] = hn::Add(sum[i], hn::LoadU(d, from + i * width<float>));
      } else {
        for (std::size_t i = 0; i * width<float> < cols; ++i)
          sum[i] = hn::Add(sum[i], load_some(from + i * width<float>, cols - i * width<float>));
      }
    }
    for (std::size_t i = 0; i * width<float> < cols; ++i) {
      const std::size_t valid = cols - i * width<float>;
      float* to = out + i * width<float>;
      store_some<float>(hn::Add(load_some<float>(to, valid), sum[i]), to, valid);
    }
  }
}

/// Adds columns of grad's rows [n_rows] to the rows of out that the indices name.
void scatter_strip(const float* grad, const Token* indices, std::size_t n_rows, std::size_t n,
                   std::size_t cols, float* out) {
  for (std::size_t i = 0; i < n_rows; ++i) {
    const float* from = grad + i * n;
    float* to = out + static_cast<std::size_t>(indices[i]) * n;
    for (std::size_t j = 0; j < cols; j += width<float>) {
      const std::size_t valid = cols - j;
      store_some<float>(hn::Add(load_some<float>(to + j, valid), load_some(from + j, valid)),
                        to + j, valid);
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
HWY_EXPORT(sum_strip);
HWY_EXPORT(scatter_strip);
constexpr std::int64_t strip_columns = 64;

/// Columns to give one chunk, of arrays of `n_numbers` that have `n_columns`.
std::int64_t columns_per_chunk(std::size_t n_numbers, std::size_t n_columns) {
  return static_cast<std::int64_t>(n_numbers) < 2 * numbers_per_chunk
             ? static_cast<std::int64_t>(n_columns)
             : strip_columns;
}

// Rows of up to eight numbers are copied and added one by one by loops of known length: calling
// memmove, or a vector of mostly idle lanes, would cost several times as much.
constexpr std::int64_t max_narrow = 8;

/// Calls f with n, of 1 to N, as a constant.
template <std::int64_t N = max_narrow, class F>
void with_width(std::int64_t n, F&& f) {
  if constexpr (N > 1)
    if (n < N) return with_width<N - 1>(n, f);
  f(std::integral_constant<std::size_t, N>());
}

template <std::size_t N>
void gather_narrow(const float* table, Tokens indices, float* out) {
  for (const Token index : indices) {
    const float* from = table + static_cast<std::size_t>(index) * N;
    for (std::size_t j = 0; j < N; ++j) out[j] = from[j];
    out += N;
  }
}

template <std::size_t N>
void scatter_narrow(const float* grad, Tokens indices, float* out) {
  for (const Token index : indices) {
    float* to = out + static_cast<std::size_t>(index) * N;
    float sum[N];
    for (std::size_t j = 0; j < N; ++j) sum[j] = to[j] + grad[j];
    for (std::size_t j = 0; j < N; ++j) to[j] = sum[j];
    grad += N;
  }
}
}  // namespace

void sum_rows(ConstFloats x, Floats out, ThreadPool& pool, bool accumulate) noexcept {
  const std::size_t n = out.size();
  if (!accumulate) std::fill(out.begin(), out.end(), 0.0f);
  if (n == 0 || x.empty()) return;
  GROK_ASSERT(x.size() % n == 0);
  const auto sum = GROK_DISPATCH(sum_strip);
  const std::size_t rows = x.size() / n;
  for_ranges(pool, static_cast<std::int64_t>(n), columns_per_chunk(x.size(), n),
             [&](std::size_t begin, std::size_t end) noexcept {
               for (std::size_t c = begin; c < end; c += static_cast<std::size_t>(strip_columns))
                 sum(x.data() + c, rows, n, std::min<std::size_t>(end - c, strip_columns),
                     out.data() + c);
             });
}

void gather_rows(ConstFloats table, Tokens indices, std::int64_t n, Floats out,
                 ThreadPool& pool) noexcept {
  const auto width = static_cast<std::size_t>(n);
  GROK_ASSERT(out.size() == indices.size() * width);
  for_ranges(pool, static_cast<std::int64_t>(indices.size()), rows_per_chunk(n),
             [&](std::size_t begin, std::size_t end) noexcept {
               if (n > 0 && n <= max_narrow)
                 return with_width(n, [&](auto N) {
                   gather_narrow<N>(table.data(), indices.subspan(begin, end - begin),
                                    out.data() + begin * N);
                 });
               for (std::size_t i = begin; i < end; ++i) {
                 const auto row = static_cast<std::size_t>(indices[i]);
                 GROK_ASSERT((row + 1) * width <= table.size());
                 std::copy_n(table.data() + row * width, width, out.data() + i * width);
               }
             });
}

void scatter_add_rows(ConstFloats grad, Tokens indices, std::int64_t n, Floats out,
                      ThreadPool& pool) noexcept {
  const auto width = static_cast<std::size_t>(n);
  GROK_ASSERT(grad.size() == indices.size() * width && (n == 0 || out.size() % width == 0));
  if (n > 0 && n <= max_narrow) {
    std::fill(out.begin(), out.end(), 0.0f);
    return with_width(n, [&](auto N) { scatter_narrow<N>(grad.data(), indices, out.data()); });
  }
  const auto scatter = GROK_DISPATCH(scatter_strip);
  const std::size_t rows = width == 0 ? 0 : out.size() / width;
  for_ranges(pool, n, columns_per_chunk(out.size() + grad.size(), width),
             [&](std::size_t begin, std::size_t end) noexcept {
               for (std::size_t row = 0; row < rows; ++row)
                 std::fill(out.data() + row * width + begin, out.data() + row * width + end, 0.0f);
               if (!indices.empty())
                 scatter(grad.data() + begin, indices.data(), indices.size(), width, end - begin,
                         out.data() + begin);
             });
}

}  // namespace grok
#endif  // HWY_ONCE
