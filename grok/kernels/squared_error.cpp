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

/// The same less its mean.
struct Centred {
  OneHot one_hot;
  double mean;

  Centred(const Token* labels, std::size_t row, std::size_t n)
      : one_hot(labels, row, n), mean(1 / static_cast<double>(n)) {}
  HWY_INLINE D operator()(std::size_t i, std::size_t valid) const {
    return keep_some<double>(hn::Sub(one_hot(i, valid), hn::Set(d, mean)), valid);
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
GROK_FOR_TARGET(centred, Centred, Token)
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
namespace {
HWY_EXPORT(errors_labels);
HWY_EXPORT(errors_centred);
HWY_EXPORT(errors_targets);
HWY_EXPORT(grad_labels);
HWY_EXPORT(grad_centred);
HWY_EXPORT(grad_targets);

template <class From>
void errors_by(void (*kernel)(const float*, const From*, std::size_t, std::size_t, std::size_t,
                              double*),
               ConstFloats x, std::int64_t n, const From* from, std::span<double> errors,
               ThreadPool& pool) noexcept {
  GROK_ASSERT(std::ssize(x) == n * std::ssize(errors));
  for_ranges(pool, std::ssize(errors), rows_per_chunk(n),
             [&](std::size_t begin, std::size_t end) noexcept {
               kernel(x.data(), from, static_cast<std::size_t>(n), begin, end, errors.data());
             });
}

template <class From>
void grad_by(void (*kernel)(const float*, const From*, std::size_t, std::size_t, std::size_t,
                            const double*, float*),
             ConstFloats x, std::int64_t n, const From* from, Doubles d_errors, Floats dx,
             ThreadPool& pool) noexcept {
  GROK_ASSERT(std::ssize(x) == n * std::ssize(d_errors) && x.size() == dx.size());
  for_ranges(pool, std::ssize(d_errors), rows_per_chunk(n),
             [&](std::size_t begin, std::size_t end) noexcept {
               kernel(x.data(), from, static_cast<std::size_t>(n), begin, end, d_errors.data(),
                      dx.data());
             });
}
}  // namespace

void squared_error(ConstFloats x, std::int64_t n, Tokens labels, std::span<double> errors,
                   ThreadPool& pool, LabelRow label_row) noexcept {
  GROK_ASSERT(labels.size() == errors.size());
  errors_by(
      label_row == LabelRow::centred ? GROK_DISPATCH(errors_centred) : GROK_DISPATCH(errors_labels),
      x, n, labels.data(), errors, pool);
}

void squared_error(ConstFloats x, std::int64_t n, ConstFloats targets, std::span<double> errors,
                   ThreadPool& pool) noexcept {
  GROK_ASSERT(targets.size() == x.size());
  errors_by(GROK_DISPATCH(errors_targets), x, n, targets.data(), errors, pool);
}

void squared_error_grad(ConstFloats x, std::int64_t n, Tokens labels, Doubles d_errors, Floats dx,
                        ThreadPool& pool, LabelRow label_row) noexcept {
  GROK_ASSERT(labels.size() == d_errors.size());
  grad_by(label_row == LabelRow::centred ? GROK_DISPATCH(grad_centred) : GROK_DISPATCH(grad_labels),
          x, n, labels.data(), d_errors, dx, pool);
}

void squared_error_grad(ConstFloats x, std::int64_t n, ConstFloats targets, Doubles d_errors,
                        Floats dx, ThreadPool& pool) noexcept {
  GROK_ASSERT(targets.size() == x.size());
  grad_by(GROK_DISPATCH(grad_targets), x, n, targets.data(), d_errors, dx, pool);
}

}  // namespace grok
#endif  // HWY_ONCE
