#pragma once
// By how much a row's label is ahead of the other classes: the hinge loss, and the margin to the
// mean. Double from float32; sums in order of the columns, the gradient rounded once.
//
//   x       [rows, n]
//   labels  [rows], each in [0, n)

#include <cstdint>
#include <span>

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

/// Against whom a label must be ahead.
///   nearest  the largest of the others, the first of equals: max(0, margin - x[label] + rival)
///   all      each of them: sum of max(0, margin - x[label] + x[j]) over j, divided by n
///   source   Crammer and Singer 2001; Weston and Watkins 1999, as torch.nn.MultiMarginLoss
enum class Rivals { nearest, all };

struct Hinge {
  double margin = 1;
  Rivals rivals = Rivals::nearest;
};

/// The loss of each row; NaN where the row has one, 0 where there is no other class.
void hinge(ConstFloats x, std::int64_t n, Tokens labels, const Hinge& hinge,
           std::span<double> losses, ThreadPool& pool) noexcept;
/// dx = d_losses[row] * d loss / dx; 0 at the kink.
void hinge_grad(ConstFloats x, std::int64_t n, Tokens labels, Doubles d_losses, const Hinge& hinge,
                Floats dx, ThreadPool& pool) noexcept;

/// margins[row] = x[label] - mean of the row.
void label_margin(ConstFloats x, std::int64_t n, Tokens labels, std::span<double> margins,
                  ThreadPool& pool) noexcept;
/// dx = d_margins[row] * (one-hot(label) - 1 / n).
void label_margin_grad(std::int64_t n, Tokens labels, Doubles d_margins, Floats dx,
                       ThreadPool& pool) noexcept;

}  // namespace grok
