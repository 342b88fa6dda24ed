#include "grok/kernels/sum_squares.h"

#include <algorithm>
#include <array>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/sum_squares.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {

double squares_of(const float* x, std::size_t n) {
  const auto square = [&](std::size_t i, std::size_t valid) HWY_ATTR {
    const auto v = load_as(x + i, valid, double{});
    return hn::Mul(v, v);
  };
  return sum_in_lanes<double>(square, n);
}

void scaled(const float* x, std::size_t n, double factor, float* out) {
  const auto by = hn::Set(Full<double>(), factor);
  for (std::size_t i = 0; i < n; i += width<double>)
    store_rounded(hn::Mul(load_as(x + i, n - i, double{}), by), out + i, n - i, double{});
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
HWY_EXPORT(squares_of);
HWY_EXPORT(scaled);

// As many parts as there may be, whatever the number of threads: they stand on the stack.
constexpr std::size_t n_parts_of_sum = 64;
}  // namespace

double sum_squares(ConstFloats x, ThreadPool& pool) noexcept {
  const auto kernel = GROK_DISPATCH(squares_of);
  const auto per_part =
      std::max<std::int64_t>(rows_per_chunk(1), std::ssize(x) / std::int64_t{n_parts_of_sum} + 1);
  std::array<double, n_parts_of_sum> part{};
  for_ranges(pool, std::ssize(x), per_part, [&](std::size_t begin, std::size_t end) noexcept {
    part[begin / static_cast<std::size_t>(per_part)] = kernel(x.data() + begin, end - begin);
  });
  double sum = 0;
  for (const double p : part) sum += p;
  return sum;
}

void sum_squares_grad(ConstFloats x, double d, Floats dx, ThreadPool& pool) noexcept {
  GROK_ASSERT(x.size() == dx.size());
  const auto kernel = GROK_DISPATCH(scaled);
  for_ranges(pool, std::ssize(x), rows_per_chunk(1),
             [&](std::size_t begin, std::size_t end) noexcept {
               kernel(x.data() + begin, end - begin, 2 * d, dx.data() + begin);
             });
}

}  // namespace grok
#endif  // HWY_ONCE
