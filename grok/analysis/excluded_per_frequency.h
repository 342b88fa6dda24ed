#pragma once
// The excluded losses of every frequency at once, fast enough to be taken while training.

#include <vector>

#include "grok/analysis/modular_logits.h"
#include "grok/base/threads.h"

namespace grok {

/// Excluded loss of each frequency alone; entry k-1 is frequency k.
struct ExcludedLosses {
  std::vector<double> loss_2d;  // without cos and sin of w_k (a + b): excluded_loss_2d of {k}
  std::vector<double> loss_3d;  // without cos of w_k (a + b - c): excluded_loss_3d of {k}
};

/// Both flavours for all k = 1 .. (p-1)/2, on the given rows, equal to those of excluded_loss_2d
/// and excluded_loss_3d to 1e-12; the same bits for any number of threads.
///
/// exp(L - P) = exp(L) exp(-P), where P depends on an input through a + b alone: so one exponential
/// per logit and one per entry of each P, and then only multiply-adds.
///
///   logits   [p * p, p]
///   cost     rows * p + p^3 / 2 exponentials, rows * p^2 multiply-adds, rows * p logarithms: at
///            p = 113 and 3830 rows about 30 ms on one core
///   source   Nanda et al. 2023, arXiv:2301.05217, section 4.3
ExcludedLosses excluded_losses_per_frequency(Doubles logits, const SumSpectrum& spectrum, Rows rows,
                                             ThreadPool& pool);

}  // namespace grok
