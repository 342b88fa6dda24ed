#pragma once
// The update of Lion of a whole array in one pass.

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

/// One step's numbers.
struct LionStep {
  double lr = 1e-4;
  double beta1 = 0.9, beta2 = 0.99;
  double weight_decay = 0;  // decoupled
};

/// Updates weights w and their momentum m from the gradient g, all of one size; in float32, the
/// second product of a sum fused with it:
///
///   u = beta1 m + (1 - beta1) g
///   w = w (1 - lr weight_decay) - lr sign(u)       sign(0) = 0; NaN stays NaN
///   m = beta2 m + (1 - beta2) g
///
///   source   Chen et al. 2023, "Symbolic discovery of optimization algorithms", arXiv:2302.06675
void lion(const LionStep& step, ConstFloats g, Floats w, Floats m, ThreadPool& pool) noexcept;

}  // namespace grok
