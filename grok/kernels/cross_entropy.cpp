#include "grok/kernels/cross_entropy.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/cross_entropy.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"
#include "grok/kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {
using V = Vector<double>;
constexpr Full<double> d;

/// Numbers of type T as doubles, as many as a vector of doubles has.
HWY_INLINE V load_double(const double* from, std::size_t valid) { return load_some(from, valid); }
HWY_INLINE V load_double(const float* from, std::size_t valid) {
  const hn::Rebind<float, Full<double>> narrow;
  if (HWY_LIKELY(valid >= width<double>)) return hn::PromoteTo(d, hn::LoadU(narrow, from));
  return hn::PromoteTo(d, load_partial(narrow, from, valid));
}
HWY_INLINE void store_rounded(V value, double* to, std::size_t valid) {
  store_some<double>(value, to, valid);
}
HWY_INLINE void store_rounded(V value, float* to, std::size_t valid) {
  const hn::Rebind<float, Full<double>> narrow;
  const auto rounded = hn::DemoteTo(narrow, value);
  if (HWY_LIKELY(valid >= width<double>))
    hn::StoreU(rounded, narrow, to);
  else
    store_partial(rounded, narrow, to, valid);
}

template <class T>
T largest_of(const T* x, std::size_t n) {
  const Full<T> dt;
  auto most = hn::Set(dt, -std::numeric_limits<T>::infinity());
  std::size_t i = 0;
  for (; i + width<T> <= n; i += width<T>) most = hn::Max(most, hn::LoadU(dt, x + i));
  T largest = hn::GetLane(hn::MaxOfLanes(dt, most));
  for (; i < n; ++i) largest = std::max(largest, x[i]);
  return largest;
}

// Exponentials of a row up to this length are kept for the gradient; beyond, computed again.
constexpr std::size_t max_kept = 1024;

/// One row: its loss, and its gradient unless `grad` is null.
template <class T>
double row_loss(const T* x, std::size_t n, std::size_t label, double scale, T* grad) {
  HWY_ALIGN double kept[max_kept];
  const bool keep = n <= max_kept && grad != nullptr;
  const double largest = static_cast<double>(largest_of(x, n));
  const double at_label = static_cast<double>(x[label]);
  const V shift = hn::Set(d, largest), label_lane = hn::Set(d, static_cast<double>(label));
  LaneSum<double> sum;
  GROK_FOR_VECTORS(double, n, i, valid, part) {
    const V e = exp_of(d, hn::Sub(load_double(x + i, valid), shift));
    if (keep) store_some<double>(e, kept + i, valid);
    const auto is_label = hn::Eq(hn::Iota(d, static_cast<double>(i)), label_lane);
    sum.part[part] =
        hn::Add(sum.part[part], keep_some<double>(hn::IfThenZeroElse(is_label, e), valid));
  }
  const double others = sum.fold();
  const V e_label = exp_of(d, hn::Set(d, at_label - largest));
  const double total = others + hn::GetLane(e_label);
  if (grad != nullptr) {
    const V factor = hn::Set(d, scale / total);
    for (std::size_t i = 0; i < n; i += width<double>) {
      const V e = keep ? load_some<double>(kept + i, n - i)
                       : exp_of(d, hn::Sub(load_double(x + i, n - i), shift));
      store_rounded(hn::Mul(e, factor), grad + i, n - i);
    }
    grad[label] = static_cast<T>(-others * (scale / total));
  }
  if (at_label == largest) return hn::GetLane(log1p_of(d, hn::Set(d, others)));
  return largest - at_label + hn::GetLane(log_of(d, hn::Set(d, total)));
}

template <class T>
double range_loss(const LogitsOf<T>& logits, const Token* labels, std::size_t begin,
                  std::size_t end, double scale, T* grad, std::size_t ld_grad, double* per_row) {
  double sum = 0;
  for (std::size_t row = begin; row < end; ++row) {
    const double loss =
        row_loss(logits.data + row * static_cast<std::size_t>(logits.ld),
                 static_cast<std::size_t>(logits.n_classes), static_cast<std::size_t>(labels[row]),
                 scale, grad == nullptr ? nullptr : grad + row * ld_grad);
    if (per_row != nullptr) per_row[row] = loss;
    sum += loss;
  }
  return sum;
}

double loss_float(const LogitsOf<float>& logits, const Token* labels, std::size_t begin,
                  std::size_t end, double scale, float* grad, std::size_t ld, double* per_row) {
  return range_loss(logits, labels, begin, end, scale, grad, ld, per_row);
}
double loss_double(const LogitsOf<double>& logits, const Token* labels, std::size_t begin,
                   std::size_t end, double scale, double* grad, std::size_t ld, double* per_row) {
  return range_loss(logits, labels, begin, end, scale, grad, ld, per_row);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <array>

#include "grok/base/error.h"
#include "grok/kernels/dispatch.h"

namespace grok {
namespace {
HWY_EXPORT(loss_float);
HWY_EXPORT(loss_double);

auto kernel_for(float) { return GROK_DISPATCH(loss_float); }
auto kernel_for(double) { return GROK_DISPATCH(loss_double); }

// Partial sums live on the stack, so there are at most this many; chunks of at least 16 rows, so
// that waking a thread pays.
constexpr std::int64_t max_chunks = 128;

std::int64_t rows_of_chunk(std::int64_t rows) {
  return std::max<std::int64_t>(16, (rows + max_chunks - 1) / max_chunks);
}

template <class T>
double mean_loss(const LogitsOf<T>& logits, Tokens labels, double scale, T* grad,
                 std::int64_t ld_grad, std::span<double> per_row, ThreadPool& pool) noexcept {
  GROK_ASSERT(static_cast<std::int64_t>(labels.size()) == logits.rows);
  GROK_ASSERT(per_row.empty() || per_row.size() == labels.size());
  if (logits.rows == 0) return 0;
  const auto kernel = kernel_for(T{});
  const auto per_chunk = static_cast<std::size_t>(rows_of_chunk(logits.rows));
  std::array<double, max_chunks> partial{};
  for_ranges(pool, logits.rows, static_cast<std::int64_t>(per_chunk),
             [&](std::size_t begin, std::size_t end) noexcept {
               partial[begin / per_chunk] = kernel(logits, labels.data(), begin, end, scale, grad,
                                                   static_cast<std::size_t>(ld_grad),
                                                   per_row.empty() ? nullptr : per_row.data());
             });
  double sum = 0;
  for (const double p : partial) sum += p;
  return sum / static_cast<double>(logits.rows);
}

/// True if the first of the row's largest numbers is at the label.
template <class T>
bool is_correct(const T* x, std::int64_t n, std::int64_t label) noexcept {
  const T at_label = x[label];
  for (std::int64_t j = 0; j < label; ++j)
    if (!(x[j] < at_label)) return false;
  for (std::int64_t j = label; j < n; ++j)
    if (!(x[j] <= at_label)) return false;
  return true;
}

template <class T>
std::int64_t correct(const LogitsOf<T>& logits, Tokens labels, ThreadPool& pool) noexcept {
  GROK_ASSERT(static_cast<std::int64_t>(labels.size()) == logits.rows);
  const auto per_chunk = static_cast<std::size_t>(rows_of_chunk(logits.rows));
  std::array<std::int64_t, max_chunks> partial{};
  for_ranges(pool, logits.rows, static_cast<std::int64_t>(per_chunk),
             [&](std::size_t begin, std::size_t end) noexcept {
               std::int64_t count = 0;
               for (std::size_t row = begin; row < end; ++row)
                 count += is_correct(logits.data + row * static_cast<std::size_t>(logits.ld),
                                     logits.n_classes, labels[row]);
               partial[begin / per_chunk] = count;
             });
  std::int64_t sum = 0;
  for (const std::int64_t p : partial) sum += p;
  return sum;
}
}  // namespace

double cross_entropy(const LogitsOf<float>& logits, Tokens labels, std::span<double> per_row,
                     ThreadPool& pool) noexcept {
  return mean_loss<float>(logits, labels, 0, nullptr, 0, per_row, pool);
}
double cross_entropy(const LogitsOf<double>& logits, Tokens labels, std::span<double> per_row,
                     ThreadPool& pool) noexcept {
  return mean_loss<double>(logits, labels, 0, nullptr, 0, per_row, pool);
}
double cross_entropy_grad(const LogitsOf<float>& logits, Tokens labels, double scale,
                          float* d_logits, std::int64_t ld_grad, ThreadPool& pool) noexcept {
  return mean_loss<float>(logits, labels, scale, d_logits, ld_grad, {}, pool);
}
double cross_entropy_grad(const LogitsOf<double>& logits, Tokens labels, double scale,
                          double* d_logits, std::int64_t ld_grad, ThreadPool& pool) noexcept {
  return mean_loss<double>(logits, labels, scale, d_logits, ld_grad, {}, pool);
}
std::int64_t count_correct(const LogitsOf<float>& logits, Tokens labels,
                           ThreadPool& pool) noexcept {
  return correct(logits, labels, pool);
}
std::int64_t count_correct(const LogitsOf<double>& logits, Tokens labels,
                           ThreadPool& pool) noexcept {
  return correct(logits, labels, pool);
}

}  // namespace grok
#endif  // HWY_ONCE
