#include "grok/kernels/layer_norm.h"

#include <cmath>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/layer_norm.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {
using F = Vector<float>;
constexpr Full<float> d;

/// Numbers of a row, less their mean; zeros beyond the row's end.
struct Centred {
  const float* x;
  F mean;
  HWY_INLINE F operator()(std::size_t i, std::size_t valid) const {
    return keep_some<float>(hn::Sub(load_some(x + i, valid), mean), valid);
  }
};

struct Plain {
  const float* x;
  HWY_INLINE F operator()(std::size_t i, std::size_t valid) const {
    return load_some(x + i, valid);
  }
};

template <class A, class B>
struct Product {
  const A& a;
  const B& b;
  HWY_INLINE F operator()(std::size_t i, std::size_t valid) const {
    return hn::Mul(a(i, valid), b(i, valid));
  }
};

template <class X>
HWY_INLINE float mean_of(const X& x, std::size_t n) {
  return sum_in_lanes<float>(x, n) / static_cast<float>(n);
}

/// What is taken off a row.
HWY_INLINE float centre_of(const float* x, std::size_t n, RowNorm norm) {
  return norm.centre == Centre::mean ? mean_of(Plain{x}, n) : 0.0f;
}

/// What a row is centred by and divided by.
struct Row {
  Centred centred;
  float scale;

  HWY_INLINE Row(const float* x, std::size_t n, RowNorm norm)
      : centred{x, hn::Set(d, centre_of(x, n, norm))},
        scale(std::sqrt(mean_of(Product<Centred, Centred>{centred, centred}, n) + norm.eps)) {}
};

void norm_range(const float* x, std::size_t rows, std::size_t n, RowNorm norm, float* y) {
  for (std::size_t r = 0; r < rows; ++r, x += n, y += n) {
    const Row row(x, n, norm);
    const F scale = hn::Set(d, row.scale);
    for (std::size_t i = 0; i < n; i += width<float>)
      store_some<float>(hn::Div(row.centred(i, n - i), scale), y + i, n - i);
  }
}

void scale_range(const float* x, std::size_t rows, std::size_t n, RowNorm norm, float* scale) {
  for (std::size_t r = 0; r < rows; ++r) scale[r] = Row(x + r * n, n, norm).scale;
}

void grad_range(const float* x, const float* dy, std::size_t rows, std::size_t n, RowNorm norm,
                float* dx) {
  for (std::size_t r = 0; r < rows; ++r, x += n, dy += n, dx += n) {
    const Row row(x, n, norm);
    const Plain given{dy};
    const F mean = hn::Set(d, centre_of(dy, n, norm));
    // mean(y * dy) / scale: y is the centred row over its scale.
    const float dot = mean_of(Product<Centred, Plain>{row.centred, given}, n);
    const F along = hn::Set(d, dot / (row.scale * row.scale));
    const F scale = hn::Set(d, row.scale);
    for (std::size_t i = 0; i < n; i += width<float>) {
      const F straight = hn::Sub(given(i, n - i), mean);
      const F change = hn::NegMulAdd(row.centred(i, n - i), along, straight);
      store_some<float>(hn::Div(change, scale), dx + i, n - i);
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
HWY_EXPORT(norm_range);
HWY_EXPORT(scale_range);
HWY_EXPORT(grad_range);

/// Calls f(first number, rows) for ranges of the rows of x.
template <class F>
void for_rows(ConstFloats x, std::int64_t n, ThreadPool& pool, F&& f) {
  if (x.empty()) return;
  const auto width = static_cast<std::size_t>(n);
  GROK_ASSERT(n > 0 && x.size() % width == 0);
  for_ranges(pool, static_cast<std::int64_t>(x.size() / width), rows_per_chunk(n),
             [&](std::size_t begin, std::size_t end) noexcept { f(begin, end - begin); });
}
}  // namespace

void layer_norm(ConstFloats x, std::int64_t n, RowNorm norm, Floats y, ThreadPool& pool) noexcept {
  GROK_ASSERT(x.size() == y.size());
  const auto range = GROK_DISPATCH(norm_range);
  const auto width = static_cast<std::size_t>(n);
  for_rows(x, n, pool, [&](std::size_t first, std::size_t rows) noexcept {
    range(x.data() + first * width, rows, width, norm, y.data() + first * width);
  });
}

void layer_norm_scale(ConstFloats x, std::int64_t n, RowNorm norm, Floats scale,
                      ThreadPool& pool) noexcept {
  const auto width = static_cast<std::size_t>(n);
  GROK_ASSERT(x.size() == scale.size() * width);
  const auto range = GROK_DISPATCH(scale_range);
  for_rows(x, n, pool, [&](std::size_t first, std::size_t rows) noexcept {
    range(x.data() + first * width, rows, width, norm, scale.data() + first);
  });
}

void layer_norm_grad(ConstFloats x, ConstFloats dy, std::int64_t n, RowNorm norm, Floats dx,
                     ThreadPool& pool) noexcept {
  GROK_ASSERT(x.size() == dy.size() && x.size() == dx.size());
  const auto range = GROK_DISPATCH(grad_range);
  const auto width = static_cast<std::size_t>(n);
  for_rows(x, n, pool, [&](std::size_t first, std::size_t rows) noexcept {
    range(x.data() + first * width, dy.data() + first * width, rows, width, norm,
          dx.data() + first * width);
  });
}

}  // namespace grok
#endif  // HWY_ONCE
