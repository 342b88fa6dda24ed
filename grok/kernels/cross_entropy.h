#pragma once
// Cross-entropy of logits with labels, row by row, in nats. Where the label has the largest logit
// the loss is log1p of the others' share, so that a loss of 1e-30 still has all its digits; and the
// true class's gradient, p - 1, is minus the sum of the others, which loses none when p is
// almost 1.
//
// The type of the exponentials is the arithmetic: double, or float, which by these two forms keeps
// float's relative precision however small the loss.

#include <cstdint>
#include <span>

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

/// What becomes of the rounding of the sum under a softmax. Compensated: the two forms above.
/// Plain: it is lost, as in usual float32 code, so that a probability near 1 becomes 1, its loss
/// and its gradient 0.
///   source  softmax collapse: Prieto et al. 2025, arXiv:2501.04697
enum class Sums { compensated, plain };

/// Rows of logits, `ld` numbers apart; a view.
struct Logits {
  const float* data = nullptr;
  std::int64_t rows = 0;
  std::int64_t n_classes = 0;
  std::int64_t ld = 0;
};

/// exp(logit - largest logit of its row), of all logits: what loss and gradient have in common.
///   out  [rows, n_classes]
void exponentials(const Logits& logits, std::span<double> out, ThreadPool& pool) noexcept;
void exponentials(const Logits& logits, std::span<float> out, ThreadPool& pool) noexcept;

/// The loss of each row; NaN if any of its logits is.
///
///   labels        [rows], each in [0, n_classes)
///   exponentials  as computed above; or empty: then they are computed on the way, with equal bits
///   losses        [rows]
void cross_entropy(const Logits& logits, Tokens labels, Doubles exponentials,
                   std::span<double> losses, ThreadPool& pool,
                   Sums sums = Sums::compensated) noexcept;
void cross_entropy(const Logits& logits, Tokens labels, ConstFloats exponentials,
                   std::span<double> losses, ThreadPool& pool,
                   Sums sums = Sums::compensated) noexcept;

/// d_logits = d_losses[row] * (softmax - onehot), rounded once to float.
///
///   d_losses  [rows]
///   d_logits  [rows, n_classes]
void cross_entropy_grad(const Logits& logits, Tokens labels, Doubles exponentials, Doubles d_losses,
                        Floats d_logits, ThreadPool& pool, Sums sums = Sums::compensated) noexcept;
void cross_entropy_grad(const Logits& logits, Tokens labels, ConstFloats exponentials,
                        Doubles d_losses, Floats d_logits, ThreadPool& pool,
                        Sums sums = Sums::compensated) noexcept;

/// The sum of x over its number, 0 if there are none. One thread, in eight lanes.
double mean(Doubles x) noexcept;

/// How many rows have their largest logit at the label. The first of equals counts; a row with a
/// NaN counts as wrong.
std::int64_t count_correct(const Logits& logits, Tokens labels, ThreadPool& pool) noexcept;

}  // namespace grok
