#pragma once
// Running means of gradients, and what is made of them and the gradient, in one pass.

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

/// One step's numbers, rounded to float32 before they are used.
struct MeanStep {
  double keep = 0, take = 1;    // of the mean, and of the gradient, for the mean
  double own = 0, of_mean = 1;  // of the gradient, and of the new mean, for what comes out
};

/// In float32, the second product of each line fused with its sum:
///
///   mean = keep mean + take g
///   out = of_mean mean + own g
///
///   g, mean, out   of one size; out may be g
void mean_step(const MeanStep& step, ConstFloats g, Floats mean, Floats out,
               ThreadPool& pool) noexcept;

/// The sum of the last gradients of a window, which is kept exactly enough to be gone on with for
/// ever: as two floats, about 48 bits.
///
///   sum_high + sum_low += g - oldest, in double; then oldest = g
///   out = g + factor sum
///
///   all      of one size; out may be g
void window_step(double factor, ConstFloats g, Floats oldest, Floats sum_high, Floats sum_low,
                 Floats out, ThreadPool& pool) noexcept;

}  // namespace grok
