#include "grok/kernels/softmax.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/softmax.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"
#include "grok/kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {
using F = Vector<float>;
constexpr Full<float> d;

// Rows up to this length are computed sixteen at a time, rows as lanes: a row of three would leave
// thirteen of sixteen lanes idle.
constexpr std::size_t max_short = 8;
constexpr std::size_t block_rows = 16;

/// A block of short rows, transposed: column j's sixteen rows lie together.
struct ShortRows {
  HWY_ALIGN float column[max_short][block_rows];

  void load(const float* x, std::size_t rows, std::size_t n) {
    if (rows == block_rows && load_whole(x, n)) return;
    for (std::size_t j = 0; j < n; ++j)
      for (std::size_t r = 0; r < block_rows; ++r) column[j][r] = r < rows ? x[r * n + j] : 0.0f;
  }
  void store(float* y, std::size_t rows, std::size_t n) const {
    if (rows == block_rows && store_whole(y, n)) return;
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t j = 0; j < n; ++j) y[r * n + j] = column[j][r];
  }

 private:
  // Rows of two to four numbers, as instructions take them apart and put them together.
  bool load_whole(const float* x, std::size_t n) {
    if (n < 2 || n > 4) return false;
    for (std::size_t r = 0; r < block_rows; r += width<float>) {
      F c[4];
      if (n == 2) hn::LoadInterleaved2(d, x + r * n, c[0], c[1]);
      if (n == 3) hn::LoadInterleaved3(d, x + r * n, c[0], c[1], c[2]);
      if (n == 4) hn::LoadInterleaved4(d, x + r * n, c[0], c[1], c[2], c[3]);
      for (std::size_t j = 0; j < n; ++j) hn::Store(c[j], d, column[j] + r);
    }
    return true;
  }
  bool store_whole(float* y, std::size_t n) const {
    if (n < 2 || n > 4) return false;
    for (std::size_t r = 0; r < block_rows; r += width<float>) {
      F c[4];
      for (std::size_t j = 0; j < n; ++j) c[j] = hn::Load(d, column[j] + r);
      if (n == 2) hn::StoreInterleaved2(c[0], c[1], d, y + r * n);
      if (n == 3) hn::StoreInterleaved3(c[0], c[1], c[2], d, y + r * n);
      if (n == 4) hn::StoreInterleaved4(c[0], c[1], c[2], c[3], d, y + r * n);
    }
    return true;
  }
};

/// How many of the numbers of row r are there.
struct Seen {
  std::size_t n, n_queries, visible;
  Seen(std::size_t n_numbers, RowsSeen seen)
      : n(n_numbers),
        n_queries(static_cast<std::size_t>(seen.n_queries)),
        visible(static_cast<std::size_t>(seen.visible)) {}
  std::size_t of(std::size_t row) const {
    return visible == 0 ? n : std::min(n, visible + row % n_queries);
  }
};

// Calls f(column, row) for what of the rows, from `first` on, is not there.
template <class F>
void for_unseen(const Seen& seen, std::size_t first, F&& f) {
  if (seen.visible == 0) return;
  for (std::size_t r = 0; r < block_rows; ++r)
    for (std::size_t j = seen.of(first + r); j < seen.n; ++j) f(j, r);
}

void softmax_short(const float* x, std::size_t first, std::size_t rows, const Seen& seen,
                   float* y) {
  const std::size_t n = seen.n;
  ShortRows block;
  block.load(x, rows, n);
  for_unseen(seen, first, [&](std::size_t j, std::size_t r) {
    block.column[j][r] = std::numeric_limits<float>::lowest();
  });
  for (std::size_t lane = 0; lane < block_rows; lane += width<float>) {
    F largest = hn::Load(d, block.column[0] + lane);
    for (std::size_t j = 1; j < n; ++j)
      largest = hn::Max(largest, hn::Load(d, block.column[j] + lane));
    F sum = hn::Zero(d);
    for (std::size_t j = 0; j < n; ++j) {
      const F e = exp_of(d, hn::Sub(hn::Load(d, block.column[j] + lane), largest));
      hn::Store(e, d, block.column[j] + lane);
      sum = hn::Add(sum, e);
    }
    for (std::size_t j = 0; j < n; ++j)
      hn::Store(hn::Div(hn::Load(d, block.column[j] + lane), sum), d, block.column[j] + lane);
  }
  for_unseen(seen, first, [&](std::size_t j, std::size_t r) { block.column[j][r] = 0; });
  block.store(y, rows, n);
}

void softmax_grad_short(const float* y, const float* dy, std::size_t first, std::size_t rows,
                        const Seen& seen, float* dx) {
  const std::size_t n = seen.n;
  ShortRows ys, dys;
  ys.load(y, rows, n);
  dys.load(dy, rows, n);
  for_unseen(seen, first, [&](std::size_t j, std::size_t r) { ys.column[j][r] = 0; });
  for (std::size_t lane = 0; lane < block_rows; lane += width<float>) {
    F dot = hn::Zero(d);
    for (std::size_t j = 0; j < n; ++j)
      dot = hn::MulAdd(hn::Load(d, ys.column[j] + lane), hn::Load(d, dys.column[j] + lane), dot);
    for (std::size_t j = 0; j < n; ++j) {
      const F change = hn::Sub(hn::Load(d, dys.column[j] + lane), dot);
      hn::Store(hn::Mul(hn::Load(d, ys.column[j] + lane), change), d, dys.column[j] + lane);
    }
  }
  dys.store(dx, rows, n);
}

void softmax_long(const float* x, std::size_t n, float* y) {
  F most = hn::Set(d, -std::numeric_limits<float>::infinity());
  for (std::size_t i = 0; i + width<float> <= n; i += width<float>)
    most = hn::Max(most, hn::LoadU(d, x + i));
  float largest = hn::GetLane(hn::MaxOfLanes(d, most));
  for (std::size_t i = n / width<float> * width<float>; i < n; ++i)
    largest = std::max(largest, x[i]);
  LaneSum<float> sum;
  GROK_FOR_VECTORS(float, n, i, valid, part) {
    const F e = exp_of(d, hn::Sub(load_some(x + i, valid), hn::Set(d, largest)));
    store_some<float>(e, y + i, valid);
    sum.part[part] = hn::Add(sum.part[part], keep_some<float>(e, valid));
  }
  const F total = hn::Set(d, sum.fold());
  for (std::size_t i = 0; i < n; i += width<float>)
    store_some<float>(hn::Div(load_some<float>(y + i, n - i), total), y + i, n - i);
}

void softmax_grad_long(const float* y, const float* dy, std::size_t n, float* dx) {
  LaneSum<float> sum;
  GROK_FOR_VECTORS(float, n, i, valid, part)
  sum.part[part] = hn::MulAdd(load_some(y + i, valid), load_some(dy + i, valid), sum.part[part]);
  const F dot = hn::Set(d, sum.fold());
  for (std::size_t i = 0; i < n; i += width<float>) {
    const F change = hn::Sub(load_some(dy + i, n - i), dot);
    store_some<float>(hn::Mul(load_some(y + i, n - i), change), dx + i, n - i);
  }
}

// Rows from `first` on.
void softmax_range(const float* x, std::size_t first, std::size_t rows, std::size_t n,
                   RowsSeen rows_seen, float* y) {
  const Seen seen(n, rows_seen);
  if (n > max_short)
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t n_seen = seen.of(first + r);
      softmax_long(x + r * n, n_seen, y + r * n);
      std::fill(y + r * n + n_seen, y + (r + 1) * n, 0.0f);
    }
  else
    for (std::size_t r = 0; r < rows; r += block_rows)
      softmax_short(x + r * n, first + r, std::min(block_rows, rows - r), seen, y + r * n);
}

void softmax_grad_range(const float* y, const float* dy, std::size_t first, std::size_t rows,
                        std::size_t n, RowsSeen rows_seen, float* dx) {
  const Seen seen(n, rows_seen);
  if (n > max_short)
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t n_seen = seen.of(first + r);
      softmax_grad_long(y + r * n, dy + r * n, n_seen, dx + r * n);
      std::fill(dx + r * n + n_seen, dx + (r + 1) * n, 0.0f);
    }
  else
    for (std::size_t r = 0; r < rows; r += block_rows)
      softmax_grad_short(y + r * n, dy + r * n, first + r, std::min(block_rows, rows - r), seen,
                         dx + r * n);
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
HWY_EXPORT(softmax_range);
HWY_EXPORT(softmax_grad_range);
}  // namespace

void softmax_rows(ConstFloats x, std::int64_t n, Floats y, ThreadPool& pool,
                  RowsSeen seen) noexcept {
  if (x.empty()) return;
  const auto width = static_cast<std::size_t>(n);
  GROK_ASSERT(n > 0 && x.size() % width == 0 && y.size() == x.size());
  const auto range = GROK_DISPATCH(softmax_range);
  for_ranges(pool, static_cast<std::int64_t>(x.size() / width), rows_per_chunk(4 * n),
             [&](std::size_t begin, std::size_t end) noexcept {
               range(x.data() + begin * width, begin, end - begin, width, seen,
                     y.data() + begin * width);
             });
}

void softmax_rows_grad(ConstFloats y, ConstFloats dy, std::int64_t n, Floats dx, ThreadPool& pool,
                       RowsSeen seen) noexcept {
  if (y.empty()) return;
  const auto width = static_cast<std::size_t>(n);
  GROK_ASSERT(n > 0 && y.size() % width == 0 && dy.size() == y.size() && dx.size() == y.size());
  const auto range = GROK_DISPATCH(softmax_grad_range);
  for_ranges(pool, static_cast<std::int64_t>(y.size() / width), rows_per_chunk(n),
             [&](std::size_t begin, std::size_t end) noexcept {
               range(y.data() + begin * width, dy.data() + begin * width, begin, end - begin, width,
                     seen, dx.data() + begin * width);
             });
}

}  // namespace grok
#endif  // HWY_ONCE
