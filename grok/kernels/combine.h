#pragma once
// Two arrays added with factors: weights moved along a direction, a gradient without a part of it.

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

/// out = a x + b y in float32, with a x rounded and b y fused with the sum; a and b are rounded to
/// float32 first.
///   x, y, out   of one size; out may be x or y
void combine(double a, ConstFloats x, double b, ConstFloats y, Floats out,
             ThreadPool& pool) noexcept;

}  // namespace grok
