#pragma once
// The AdamW update of a whole array in one pass.

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

/// Where the decay acts: on the weight beside the gradient's step, or in the gradient.
enum class Decay { decoupled, l2 };

/// One step's numbers. The bias corrections are 1 - beta^step, with step 1 at the first update.
struct AdamWStep {
  double lr = 1e-3;
  double beta1 = 0.9, beta2 = 0.98;
  double eps = 1e-8;
  double weight_decay = 0;
  Decay decay = Decay::decoupled;
  double bias_correction1 = 1, bias_correction2 = 1;
};

/// Updates weights w and moments m, v from the gradient g, all of one size. In PyTorch's order of
/// operations, each rounded to float32, with the numbers of the step computed in double first:
///
///   w *= 1 - lr weight_decay
///   m = m beta1 + (1 - beta1) g
///   v = v beta2 + (1 - beta2) g g
///   w += (-lr / bias_correction1) m / (sqrt(v) / sqrt(bias_correction2) + eps)
///
/// With Decay::l2, Adam's, the first line is g = g + weight_decay w, fused. Where w decays towards
/// w0 in place of zero, it is w = w - lr weight_decay (w - w0), or g = g + weight_decay (w - w0).
///
///   w0       of the same size; empty for zero
///   source   torch/optim/adamw.py and adam.py of PyTorch 1.13, the single-tensor path
///   source   openai/grok, for decay to the initial weights
void adamw(const AdamWStep& step, ConstFloats g, Floats w, Floats m, Floats v, ConstFloats w0,
           ThreadPool& pool) noexcept;
inline void adamw(const AdamWStep& step, ConstFloats g, Floats w, Floats m, Floats v,
                  ThreadPool& pool) noexcept {
  adamw(step, g, w, m, v, {}, pool);
}

}  // namespace grok
