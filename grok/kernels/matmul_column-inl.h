// A C of one column: one sum per row of A, which fills no vector with columns. Its terms do: each
// sum is one of sixteen virtual lanes, as all sums along a row are. Included once per target.

#if defined(GROK_KERNELS_MATMUL_COLUMN_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef GROK_KERNELS_MATMUL_COLUMN_INL_H_
#undef GROK_KERNELS_MATMUL_COLUMN_INL_H_
#else
#define GROK_KERNELS_MATMUL_COLUMN_INL_H_
#endif

#include <algorithm>
#include <cstddef>

#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"
#include "grok/kernels/matmul_blocks.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {

/// A sum waits for the term before it; so many vectors of sums wait at the same time.
constexpr std::size_t column_vectors = 8;

/// sum[r] += the dot product of row r of A, rows `lda` apart, with b [k].
template <std::size_t ROWS, class T>
HWY_INLINE void add_dots(const T* HWY_RESTRICT a, std::size_t lda, const T* HWY_RESTRICT b,
                         std::size_t k, LaneSum<T> (&sum)[ROWS]) {
  const Full<T> d;
  std::size_t i = 0;
  for (; i + virtual_lanes<T> <= k; i += virtual_lanes<T>) {
    GROK_UNROLL
    for (std::size_t part = 0; part < n_parts<T>; ++part) {
      const std::size_t at = i + part * width<T>;
      const auto factor = hn::LoadU(d, b + at);
      GROK_UNROLL
      for (std::size_t r = 0; r < ROWS; ++r)
        sum[r].part[part] = hn::MulAdd(hn::LoadU(d, a + r * lda + at), factor, sum[r].part[part]);
    }
  }
  if (i == k) return;
  // Zeros beyond the last term, in every lane of every target: they may turn a sum of -0 into 0.
  for (std::size_t part = 0; part < n_parts<T>; ++part) {
    const std::size_t at = std::min(k, i + part * width<T>);
    const auto factor = load_some(b + at, k - at);
    for (std::size_t r = 0; r < ROWS; ++r)
      sum[r].part[part] =
          hn::MulAdd(load_some(a + r * lda + at, k - at), factor, sum[r].part[part]);
  }
}

/// Row `row` of C once its sum is complete.
template <class T>
HWY_INLINE void finish_row(const MatmulOf<T>& p, std::size_t row, T sum) {
  const auto at = [&](std::int64_t ld) { return row * static_cast<std::size_t>(ld); };
  if (p.addend != nullptr) sum = p.addend[at(p.ld_addend)] + sum;
  if (p.epilogue != Epilogue::none) sum += p.bias[0];
  if (p.epilogue == Epilogue::bias_relu && sum < 0) sum = 0;
  if (p.gate != nullptr && !(p.gate[at(p.ld_gate)] > 0)) sum = 0;
  p.c[at(p.ldc)] = sum;
}

template <std::size_t ROWS, class T>
HWY_NOINLINE void column_rows(const MatmulOf<T>& p, const T* b, std::size_t row) {
  const auto lda = static_cast<std::size_t>(p.lda), k = static_cast<std::size_t>(p.k);
  LaneSum<T> sum[ROWS];
  if (k > 0) add_dots<ROWS>(p.a + row * lda, lda, b, k, sum);
  for (std::size_t r = 0; r < ROWS; ++r) finish_row(p, row + r, sum[r].fold());
}

/// Rows [begin, end) of such a product, whose B lies in one piece.
template <class T>
void compute_column(const MatmulOf<T>& p, const T* b, std::size_t begin, std::size_t end) {
  constexpr std::size_t together = column_vectors / n_parts<T>;
  std::size_t row = begin;
  for (; row + together <= end; row += together) column_rows<together>(p, b, row);
  for (; row < end; ++row) column_rows<1>(p, b, row);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#endif  // GROK_KERNELS_MATMUL_COLUMN_INL_H_
