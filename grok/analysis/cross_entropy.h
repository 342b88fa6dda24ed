#pragma once
// Loss and accuracy in double, on chosen rows of given logits.

#include <cstdint>
#include <span>
#include <vector>

#include "grok/base/tensor.h"

namespace grok {

struct LossAndAccuracy {
  double loss = 0;      // mean, in nats per example
  double accuracy = 0;  // share of rows whose largest logit, the first if several, is the label's
};

/// Rows of a table, as numbers from 0: a split.
using Rows = std::span<const std::int32_t>;

/// 0 .. n-1
std::vector<std::int32_t> all_rows(std::int64_t n);

/// -log of the label's softmax probability, to full relative accuracy also where it is far below
/// the spacing of doubles near 1 (a loss of 1e-300 is no 0).
double cross_entropy_of_row(Doubles logits, std::size_t label);

/// Mean cross-entropy over the given rows, summed in their order.
///   logits   [n, n_classes]
///   labels   [n]            each in [0, n_classes)
///   returns  NaN and 0 for no rows
///   throws   ContractBroken if a size, a row or a label is out of range
///   cost     rows * n_classes exponentials
LossAndAccuracy cross_entropy(Doubles logits, std::int64_t n_classes, Tokens labels, Rows rows);

}  // namespace grok
