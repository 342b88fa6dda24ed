#include "grok/kernels/inner_products.h"

#include <algorithm>
#include <array>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/inner_products.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {

// Sums that go on side by side: one alone would wait for its own last addition.
constexpr std::size_t n_sums = 4, stride = n_sums * virtual_lanes<double>;

double in_order(const LaneSum<double>* sums) {
  return (sums[0].fold() + sums[1].fold()) + (sums[2].fold() + sums[3].fold());
}

/// Calls f(offset, valid, sum, part) for the vectors of [0, n), in order.
template <class F>
HWY_INLINE void for_vectors(std::size_t n, F&& f) {
  std::size_t i = 0;
  for (; i + stride <= n; i += stride) {
#pragma GCC unroll 16
    for (std::size_t k = 0; k < n_sums * n_parts<double>; ++k)
      f(i + k * width<double>, width<double>, k / n_parts<double>, k % n_parts<double>);
  }
  for (std::size_t k = 0; i < n; i += width<double>, ++k)
    f(i, n - i, k / n_parts<double>, k % n_parts<double>);
}

void products_range(const float* a, const float* b, std::size_t n, InnerProducts& out) {
  LaneSum<double> aa[n_sums], ab[n_sums], bb[n_sums];
  for_vectors(n, [&](std::size_t at, std::size_t valid, std::size_t s, std::size_t part) HWY_ATTR {
    const auto x = load_as(a + at, valid, 0.0), y = load_as(b + at, valid, 0.0);
    aa[s].part[part] = hn::MulAdd(x, x, aa[s].part[part]);
    ab[s].part[part] = hn::MulAdd(x, y, ab[s].part[part]);
    bb[s].part[part] = hn::MulAdd(y, y, bb[s].part[part]);
  });
  out = {in_order(aa), in_order(ab), in_order(bb)};
}

void squares_range(const float* x, std::size_t n, double& out) {
  LaneSum<double> sums[n_sums];
  for_vectors(n, [&](std::size_t at, std::size_t valid, std::size_t s, std::size_t part) HWY_ATTR {
    const auto v = load_as(x + at, valid, 0.0);
    sums[s].part[part] = hn::MulAdd(v, v, sums[s].part[part]);
  });
  out = in_order(sums);
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
HWY_EXPORT(products_range);
HWY_EXPORT(squares_range);

constexpr std::int64_t most_ranges = 64;

// A multiple of all lanes, so that only the last range has an end that fills no vector.
std::int64_t numbers_of_range(std::size_t n) {
  const std::int64_t least = (static_cast<std::int64_t>(n) + most_ranges - 1) / most_ranges;
  return (std::max(least, numbers_per_chunk / 4) + 63) / 64 * 64;
}

// range(begin, end, out) for each range, and the ranges' results in order.
template <class T, class Range>
std::array<T, most_ranges> of_ranges(std::size_t n, ThreadPool& pool, Range&& range) {
  std::array<T, most_ranges> out{};
  const std::int64_t per_range = numbers_of_range(n);
  for_ranges(pool, static_cast<std::int64_t>(n), per_range,
             [&](std::size_t begin, std::size_t end) noexcept {
               range(begin, end, out[begin / static_cast<std::size_t>(per_range)]);
             });
  return out;
}
}  // namespace

InnerProducts inner_products(ConstFloats a, ConstFloats b, ThreadPool& pool) noexcept {
  GROK_ASSERT(a.size() == b.size());
  const auto range = GROK_DISPATCH(products_range);
  const auto parts = of_ranges<InnerProducts>(
      a.size(), pool, [&](std::size_t begin, std::size_t end, InnerProducts& out) noexcept {
        range(a.data() + begin, b.data() + begin, end - begin, out);
      });
  InnerProducts sum;
  for (const InnerProducts& part : parts) {
    sum.aa += part.aa;
    sum.ab += part.ab;
    sum.bb += part.bb;
  }
  return sum;
}

double sum_of_squares(ConstFloats x, ThreadPool& pool) noexcept {
  const auto range = GROK_DISPATCH(squares_range);
  const auto parts = of_ranges<double>(
      x.size(), pool, [&](std::size_t begin, std::size_t end, double& out) noexcept {
        range(x.data() + begin, end - begin, out);
      });
  double sum = 0;
  for (const double part : parts) sum += part;
  return sum;
}

}  // namespace grok
#endif  // HWY_ONCE
