#include "grok/kernels/squared_error.h"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/squared_error.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {
using D = Vector<double>;
constexpr Full<double> d;

/// The targets of a row whose label is given.
struct OneHot {
  std::size_t label;

  OneHot(const Token* labels, std::size_t row, std::size_t)
      : label(static_cast<std::size_t>(labels[row])) {}
  HWY_INLINE D operator()(std::size_t i, std::size_t) const {
    const hn::RebindToUnsigned<Full<double>> numbers;
    const auto is_label = hn::Eq(hn::Iota(numbers, i), hn::Set(numbers, label));
    return hn::IfThenElseZero(hn::RebindMask(d, is_label), hn::Set(d, 1.0));
  }
};

/// The targets of a row as they are given.
struct Given {
  const float* targets;

  Given(const float* all, std::size_t row, std::size_t n) : targets(all + row * n) {}
  HWY_INLINE D operator()(std::size_t i, std::size_t valid) const {
    return load_as(targets + i, valid, double{});
  }
};

/// x - target; zeros beyond the row's end.
template <class Target>
struct Errors {
  const float* x;
  Target target;

  HWY_INLINE D operator()(std::size_t i, std::size_t valid) const {
    return hn::Sub(load_as(x + i, valid, double{}), target(i, valid));
  }
};

template <class Target, class From>
void errors_of(const float* x, const From* from, std::size_t n, std::size_t begin, std::size_t end,
               double* errors) {
  for (std::size_t row = begin; row < end; ++row) {
    const Errors<Target> error{x + row * n, Target(from, row, n)};
    const auto square = [&](std::size_t i, std::size_t valid) HWY_ATTR {
      const D e = error(i, valid);
      return hn::Mul(e, e);
    };
    errors[row] = sum_in_lanes<double>(square, n) / static_cast<double>(n);
  }
}

template <class Target, class From>
void grad_of(const float* x, const From* from, std::size_t n, std::size_t begin, std::size_t end,
             const double* d_errors, float* dx) {
  for (std::size_t row = begin; row < end; ++row) {
    const Errors<Target> error{x + row * n, Target(from, row, n)};
    const D factor = hn::Set(d, d_errors[row] * 2 / static_cast<double>(n));
    for (std::size_t i = 0; i < n; i += width<double>)
      store_rounded(hn::Mul(error(i, n - i), factor), dx + row * n + i, n - i, double{});
  }
}

#define GROK_FOR_TARGET(name, Target, From)                                              \
  void errors_##name(const float* x, const From* from, std::size_t n, std::size_t begin, \
                     std::size_t end, double* errors) {                                  \
    errors_of<Target>(x, from, n, begin, end, errors);                                   \
  }                                                                                      \
  void grad_##name(const float* x, const From* from, std::size_t n, std::size_t begin,   \
                   std::size_t end, const double* d_errors, float* dx) {                 \
    grad_of<Target>(x, from, n, begin, end, d_errors, dx);                               \
  }
GROK_FOR_TARGET(labels, OneHot, Token)
GROK_FOR_TARGET(targets, Given, float)
#undef GROK_FOR_TARGET

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "grok/base/error.h"
#include "grok/kernels/dispatch.h"

namespace grok {
#define GROK_FOR_TARGET(name, From, per_row)                                                     \
  namespace {                                                                                    \
  HWY_EXPORT(errors_##name);                                                                     \
  HWY_EXPORT(grad_##name);                                                                       \
  }                                                                                              \
  void squared_error(ConstFloats x, std::int64_t n, From name, std::span<double> errors,         \
                     ThreadPool& pool) noexcept {                                                \
    GROK_ASSERT(std::ssize(x) == n * std::ssize(errors));                                        \
    GROK_ASSERT(std::ssize(name) == per_row * std::ssize(errors));                               \
    const auto kernel = GROK_DISPATCH(errors_##name);                                            \
    for_ranges(pool, std::ssize(errors), rows_per_chunk(n),                                      \
               [&](std::size_t begin, std::size_t end) noexcept {                                \
                 kernel(x.data(), name.data(), static_cast<std::size_t>(n), begin, end,          \
                        errors.data());                                                          \
               });                                                                               \
  }                                                                                              \
  void squared_error_grad(ConstFloats x, std::int64_t n, From name, Doubles d_errors, Floats dx, \
                          ThreadPool& pool) noexcept {                                           \
    GROK_ASSERT(std::ssize(x) == n * std::ssize(d_errors) && x.size() == dx.size());             \
    GROK_ASSERT(std::ssize(name) == per_row * std::ssize(d_errors));                             \
    const auto kernel = GROK_DISPATCH(grad_##name);                                              \
    for_ranges(pool, std::ssize(d_errors), rows_per_chunk(n),                                    \
               [&](std::size_t begin, std::size_t end) noexcept {                                \
                 kernel(x.data(), name.data(), static_cast<std::size_t>(n), begin, end,          \
                        d_errors.data(), dx.data());                                             \
               });                                                                               \
  }
GROK_FOR_TARGET(labels, Tokens, 1)
GROK_FOR_TARGET(targets, ConstFloats, n)
#undef GROK_FOR_TARGET
}  // namespace grok
#endif  // HWY_ONCE
