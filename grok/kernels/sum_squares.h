#pragma once
// The gradient of a sum of squares, which itself is sum_of_squares (inner_products.h).

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

/// dx = 2 d x, rounded once.
void sum_squares_grad(ConstFloats x, double d, Floats dx, ThreadPool& pool) noexcept;

}  // namespace grok
