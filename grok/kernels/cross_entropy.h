#pragma once
// Cross-entropy of logits with labels, in nats, computed in double whatever the logits are. Where
// the label has the largest logit the loss is log1p of the others' share, so that a loss of 1e-30
// still has all its digits.

#include <cstdint>
#include <span>

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

/// Rows of logits, `ld` numbers apart; a view.
template <class T>
struct LogitsOf {
  const T* data = nullptr;
  std::int64_t rows = 0;
  std::int64_t n_classes = 0;
  std::int64_t ld = 0;
};

/// The mean loss over all rows, 0 if there are none; NaN if any logit is. Fixed chunks of rows,
/// each summed in order, then added in order.
///
///   labels    [rows], each in [0, n_classes)
///   per_row   [rows], or empty: the loss of each row
double cross_entropy(const LogitsOf<float>& logits, Tokens labels, std::span<double> per_row,
                     ThreadPool& pool) noexcept;
double cross_entropy(const LogitsOf<double>& logits, Tokens labels, std::span<double> per_row,
                     ThreadPool& pool) noexcept;

/// As above, and in the same pass d_logits = (softmax - onehot) * scale, computed in double and
/// rounded once. The true class's p - 1 is minus the sum of the others, which loses no digits when
/// p is almost 1. `scale` is 1 / rows for the gradient of the mean.
///
///   d_logits   [rows, ld_grad]; columns from n_classes on are left alone; may be the logits
double cross_entropy_grad(const LogitsOf<float>& logits, Tokens labels, double scale,
                          float* d_logits, std::int64_t ld_grad, ThreadPool& pool) noexcept;
double cross_entropy_grad(const LogitsOf<double>& logits, Tokens labels, double scale,
                          double* d_logits, std::int64_t ld_grad, ThreadPool& pool) noexcept;

/// How many rows have their largest logit at the label. The first of equals counts; a row with a
/// NaN counts as wrong.
std::int64_t count_correct(const LogitsOf<float>& logits, Tokens labels, ThreadPool& pool) noexcept;
std::int64_t count_correct(const LogitsOf<double>& logits, Tokens labels,
                           ThreadPool& pool) noexcept;

}  // namespace grok
