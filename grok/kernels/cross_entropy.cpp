#include "grok/kernels/cross_entropy.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <iterator>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/cross_entropy.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/exp_below-inl.h"
#include "grok/kernels/lanes-inl.h"
#include "grok/kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {

// C is the type of the arithmetic; logits and their gradient are float.

float largest_of(const float* x, std::size_t n) {
  const Full<float> d;
  auto most = hn::Set(d, -std::numeric_limits<float>::infinity());
  std::size_t i = 0;
  for (; i + width<float> <= n; i += width<float>) most = hn::Max(most, hn::LoadU(d, x + i));
  float largest = hn::GetLane(hn::MaxOfLanes(d, most));
  for (; i < n; ++i) largest = std::max(largest, x[i]);
  return largest;
}

/// A row's exponentials, computed where they are asked for.
template <class C>
struct Fresh {
  const float* x;
  C largest;

  Fresh(const float* row, float its_largest) : x(row), largest(static_cast<C>(its_largest)) {}
  HWY_INLINE Vector<C> operator()(std::size_t i, std::size_t valid) const {
    const Full<C> d;
    const auto shifted = hn::Sub(load_as(x + i, valid, C{}), hn::Set(d, largest));
    return keep_some<C>(exp_below(d, shifted), valid);
  }
  C at(std::size_t i) const {
    const Full<C> d;
    return hn::GetLane(exp_below(d, hn::Set(d, static_cast<C>(x[i]) - largest)));
  }
};

/// A row's exponentials, computed before.
template <class C>
struct Kept {
  const C* e;

  HWY_INLINE Vector<C> operator()(std::size_t i, std::size_t valid) const {
    return load_some(e + i, valid);
  }
  C at(std::size_t i) const { return e[i]; }
};

/// A row's exponentials, asked for in order, with zero in place of the label's.
template <class C, class Exponentials>
struct Others {
  using Number = hwy::MakeUnsigned<C>;
  using Numbers = hn::RebindToUnsigned<Full<C>>;
  const Exponentials& e;
  hn::Vec<Numbers> label, at;

  Others(const Exponentials& all, std::size_t its_label)
      : e(all),
        label(hn::Set(Numbers(), static_cast<Number>(its_label))),
        at(hn::Iota(Numbers(), 0)) {}
  HWY_INLINE Vector<C> operator()(std::size_t i, std::size_t valid) {
    const auto is_label = hn::RebindMask(Full<C>(), hn::Eq(at, label));
    at = hn::Add(at, hn::Set(Numbers(), static_cast<Number>(width<C>)));
    return hn::IfThenZeroElse(is_label, e(i, valid));
  }
};

/// The rows of one call; `exponentials` is null where they are to be computed.
template <class C>
struct Rows {
  Logits logits;
  const Token* labels;
  const C* exponentials;
  Sums sums = Sums::compensated;

  std::size_t n() const { return static_cast<std::size_t>(logits.n_classes); }
  const float* x(std::size_t row) const {
    return logits.data + row * static_cast<std::size_t>(logits.ld);
  }
  std::size_t label(std::size_t row) const { return static_cast<std::size_t>(labels[row]); }
  Fresh<C> fresh(std::size_t row) const { return {x(row), largest_of(x(row), n())}; }
  Kept<C> kept(std::size_t row) const { return {exponentials + row * n()}; }
};

// Rows that are summed one after another before the sums are used: a sum's last additions and what
// follows it take their time, in which the next row's can go on.
constexpr std::size_t group = 16;

/// The sums of a group of rows.
template <class C>
struct Group {
  HWY_ALIGN C others[group] = {};
  HWY_ALIGN C at_label[group];  // the label's exponential

  HWY_INLINE Group(const Rows<C>& rows, std::size_t first, std::size_t n_rows) {
    for (std::size_t i = 0; i < n_rows; ++i) {
      if (rows.exponentials != nullptr)
        sum(i, rows.kept(first + i), rows.n(), rows.label(first + i));
      else
        sum(i, rows.fresh(first + i), rows.n(), rows.label(first + i));
    }
    std::fill(at_label + n_rows, at_label + group, C{1});
  }

  template <class Exponentials>
  HWY_INLINE void sum(std::size_t i, const Exponentials& e, std::size_t n, std::size_t label) {
    others[i] = sum_in_lanes<C>(Others<C, Exponentials>(e, label), n);
    at_label[i] = e.at(label);
  }

  /// Largest logit less the label's.
  C gap(const Rows<C>& rows, std::size_t row) const {
    const float* const x = rows.x(row);
    return static_cast<C>(largest_of(x, rows.n())) - static_cast<C>(x[rows.label(row)]);
  }

  /// log(at_label + others) + gap, which is log1p(others) where the label is the largest.
  void write_losses(const Rows<C>& rows, std::size_t first, std::size_t n_rows, double* out) const {
    const Full<C> d;
    HWY_ALIGN C loss[group];
    for (std::size_t i = 0; i < group; i += width<C>) {
      const auto one = hn::Load(d, at_label + i), rest = hn::Load(d, others + i);
      const auto sum = hn::Add(one, rest);
      // What the rounding of the sum lost changes the logarithm by (lost / sum).
      const auto lost = rows.sums == Sums::plain ? hn::Zero(d) : hn::Sub(rest, hn::Sub(sum, one));
      hn::Store(hn::Add(log_of(d, sum), hn::Div(lost, sum)), d, loss + i);
    }
    for (std::size_t i = 0; i < n_rows; ++i)
      out[i] = static_cast<double>(at_label[i] == 1 ? loss[i] : loss[i] + gap(rows, first + i));
  }
};

template <class C>
void exponentials_of(const Logits& logits, std::size_t begin, std::size_t end, C* out) {
  const Rows<C> rows{logits, nullptr, nullptr};
  const std::size_t n = rows.n();
  // The largest of several rows first: one row's exponentials need not wait for its own.
  for (std::size_t first = begin; first < end; first += group) {
    const std::size_t some = std::min(group, end - first);
    float largest[group];
    for (std::size_t i = 0; i < some; ++i) largest[i] = largest_of(rows.x(first + i), n);
    for (std::size_t i = 0; i < some; ++i) {
      const Fresh<C> e(rows.x(first + i), largest[i]);
      C* const to = out + (first + i) * n;
      for (std::size_t j = 0; j < n; j += width<C>) store_some<C>(e(j, n - j), to + j, n - j);
    }
  }
}

template <class C>
void losses_of(const Logits& logits, const Token* labels, const C* exponentials, Sums sums,
               std::size_t begin, std::size_t end, double* losses) {
  const Rows<C> rows{logits, labels, exponentials, sums};
  for (std::size_t first = begin; first < end; first += group) {
    const std::size_t some = std::min(group, end - first);
    Group<C>(rows, first, some).write_losses(rows, first, some, losses + first);
  }
}

template <class C, class Exponentials>
HWY_INLINE void write_grad(const Exponentials& e, std::size_t n, C factor, float* grad) {
  for (std::size_t i = 0; i < n; i += width<C>)
    store_rounded(hn::Mul(e(i, n - i), hn::Set(Full<C>(), factor)), grad + i, n - i, C{});
}

template <class C>
void grad_of(const Logits& logits, const Token* labels, const C* exponentials, Sums sums,
             std::size_t begin, std::size_t end, const double* d_losses, float* grad) {
  const Rows<C> rows{logits, labels, exponentials, sums};
  const std::size_t n = rows.n();
  for (std::size_t first = begin; first < end; first += group) {
    const std::size_t some = std::min(group, end - first);
    const Group<C> g(rows, first, some);
    for (std::size_t i = 0; i < some; ++i) {
      const std::size_t row = first + i;
      const C factor = static_cast<C>(d_losses[row]) / (g.others[i] + g.at_label[i]);
      float* const to = grad + row * n;
      if (exponentials != nullptr)
        write_grad<C>(rows.kept(row), n, factor, to);
      else
        write_grad<C>(rows.fresh(row), n, factor, to);
      const C d_loss = static_cast<C>(d_losses[row]);
      to[rows.label(row)] = static_cast<float>(sums == Sums::plain ? g.at_label[i] * factor - d_loss
                                                                   : -g.others[i] * factor);
    }
  }
}

#define GROK_FOR_ARITHMETIC(C)                                                              \
  void exponentials_##C(const Logits& logits, std::size_t begin, std::size_t end, C* out) { \
    exponentials_of<C>(logits, begin, end, out);                                            \
  }                                                                                         \
  void losses_##C(const Logits& logits, const Token* labels, const C* e, Sums sums,         \
                  std::size_t begin, std::size_t end, double* losses) {                     \
    losses_of<C>(logits, labels, e, sums, begin, end, losses);                              \
  }                                                                                         \
  void grad_##C(const Logits& logits, const Token* labels, const C* e, Sums sums,           \
                std::size_t begin, std::size_t end, const double* d_losses, float* grad) {  \
    grad_of<C>(logits, labels, e, sums, begin, end, d_losses, grad);                        \
  }
GROK_FOR_ARITHMETIC(float)
GROK_FOR_ARITHMETIC(double)
#undef GROK_FOR_ARITHMETIC

double sum_of(const double* x, std::size_t n) { return sum_in_lanes<double>(Kept<double>{x}, n); }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "grok/base/error.h"
#include "grok/kernels/dispatch.h"

namespace grok {
namespace {
HWY_EXPORT(sum_of);

[[maybe_unused]] std::size_t area(const Logits& x) {
  return static_cast<std::size_t>(x.rows * x.n_classes);
}

/// Calls f(begin, end) for ranges of rows.
template <class F>
void for_rows(const Logits& logits, ThreadPool& pool, F&& f) {
  for_ranges(pool, logits.rows, rows_per_chunk(logits.n_classes), f);
}

/// True if the first of the row's largest numbers is at the label.
bool is_correct(const float* x, std::int64_t n, std::int64_t label) noexcept {
  const float at_label = x[label];
  for (std::int64_t j = 0; j < label; ++j)
    if (!(x[j] < at_label)) return false;
  for (std::int64_t j = label; j < n; ++j)
    if (!(x[j] <= at_label)) return false;
  return true;
}
}  // namespace

#define GROK_FOR_ARITHMETIC(C)                                                                    \
  HWY_EXPORT(exponentials_##C);                                                                   \
  HWY_EXPORT(losses_##C);                                                                         \
  HWY_EXPORT(grad_##C);                                                                           \
  void exponentials(const Logits& x, std::span<C> out, ThreadPool& pool) noexcept {               \
    GROK_ASSERT(out.size() == area(x));                                                           \
    const auto kernel = GROK_DISPATCH(exponentials_##C);                                          \
    for_rows(x, pool, [&](std::size_t begin, std::size_t end) noexcept {                          \
      kernel(x, begin, end, out.data());                                                          \
    });                                                                                           \
  }                                                                                               \
  void cross_entropy(const Logits& x, Tokens labels, std::span<const C> e,                        \
                     std::span<double> losses, ThreadPool& pool, Sums sums) noexcept {            \
    GROK_ASSERT(e.empty() || e.size() == area(x));                                                \
    GROK_ASSERT(labels.size() == losses.size() && std::ssize(labels) == x.rows);                  \
    const auto kernel = GROK_DISPATCH(losses_##C);                                                \
    for_rows(x, pool, [&](std::size_t begin, std::size_t end) noexcept {                          \
      kernel(x, labels.data(), e.data(), sums, begin, end, losses.data());                        \
    });                                                                                           \
  }                                                                                               \
  void cross_entropy_grad(const Logits& x, Tokens labels, std::span<const C> e, Doubles d_losses, \
                          Floats d_logits, ThreadPool& pool, Sums sums) noexcept {                \
    GROK_ASSERT((e.empty() || e.size() == area(x)) && d_logits.size() == area(x));                \
    GROK_ASSERT(labels.size() == d_losses.size() && std::ssize(labels) == x.rows);                \
    const auto kernel = GROK_DISPATCH(grad_##C);                                                  \
    for_rows(x, pool, [&](std::size_t begin, std::size_t end) noexcept {                          \
      kernel(x, labels.data(), e.data(), sums, begin, end, d_losses.data(), d_logits.data());     \
    });                                                                                           \
  }
GROK_FOR_ARITHMETIC(float)
GROK_FOR_ARITHMETIC(double)
#undef GROK_FOR_ARITHMETIC

double mean(Doubles x) noexcept {
  if (x.empty()) return 0;
  return GROK_DISPATCH(sum_of)(x.data(), x.size()) / static_cast<double>(x.size());
}

std::int64_t count_correct(const Logits& logits, Tokens labels, ThreadPool& pool) noexcept {
  GROK_ASSERT(std::ssize(labels) == logits.rows);
  std::atomic<std::int64_t> sum = 0;  // whole numbers: their order does not matter
  for_rows(logits, pool, [&](std::size_t begin, std::size_t end) noexcept {
    std::int64_t count = 0;
    for (std::size_t row = begin; row < end; ++row)
      count += is_correct(logits.data + row * static_cast<std::size_t>(logits.ld), logits.n_classes,
                          labels[row]);
    sum += count;
  });
  return sum;
}

}  // namespace grok
#endif  // HWY_ONCE
