#pragma once
// LayerNorm of rows, without gain and bias: (x - mean) / scale with scale = sqrt(variance + eps),
// mean and variance over the n numbers of a row, in float, each sum in sixteen lanes.

#include <cstdint>

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

/// y = (x - mean) / scale;  x, y [rows, n].
void layer_norm(ConstFloats x, std::int64_t n, float eps, Floats y, ThreadPool& pool) noexcept;

/// The scale of each row, [rows].
void layer_norm_scale(ConstFloats x, std::int64_t n, float eps, Floats scale,
                      ThreadPool& pool) noexcept;

/// dx = (dy - mean(dy) - y * mean(y * dy)) / scale, with y and scale computed again from x.
void layer_norm_grad(ConstFloats x, ConstFloats dy, std::int64_t n, float eps, Floats dx,
                     ThreadPool& pool) noexcept;

}  // namespace grok
