#pragma once
// The sum of squares of an array, in double from float32: chunks of fixed size, each summed in
// lanes, then added in order.

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

double sum_squares(ConstFloats x, ThreadPool& pool) noexcept;

/// dx = 2 d x, rounded once.
void sum_squares_grad(ConstFloats x, double d, Floats dx, ThreadPool& pool) noexcept;

}  // namespace grok
