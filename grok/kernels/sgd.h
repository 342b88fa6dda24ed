#pragma once
// The update of stochastic gradient descent, with momentum, of a whole array in one pass.

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

/// What a weight follows: the momentum, or (Nesterov) where the momentum will be.
enum class Momentum { classical, nesterov };

/// One step's numbers.
struct SgdStep {
  double lr = 1e-2;
  double momentum = 0;
  double weight_decay = 0;  // in the gradient
  Momentum kind = Momentum::classical;
};

/// Updates weights w and their momentum v from the gradient g, all of one size; v may be empty
/// where the momentum is 0. In PyTorch's order of operations, in float32, where a product that is
/// added is fused with its sum:
///
///   g = g + weight_decay w      where it is not 0
///   v = momentum v + g          where it is not 0; v is 0 before the first step
///   g = v                       nesterov: g + momentum v
///   w = w - lr g
///
///   source   torch/optim/sgd.py of PyTorch 1.13, the single-tensor path, without dampening
void sgd(const SgdStep& step, ConstFloats g, Floats w, Floats v, ThreadPool& pool) noexcept;

}  // namespace grok
