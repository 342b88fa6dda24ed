#pragma once
// LayerNorm and RMSNorm of rows, without gain and bias: (x - centre) / scale with
// scale = sqrt(mean((x - centre)^2) + eps), means over the n numbers of a row, in float, each sum
// in sixteen lanes.

#include <cstdint>

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

/// What is taken off a row before it is divided: its mean (LayerNorm) or nothing (RMSNorm).
enum class Centre { mean, zero };

struct RowNorm {
  float eps = 1e-5f;
  Centre centre = Centre::mean;
};

/// y = (x - centre) / scale;  x, y [rows, n].
void layer_norm(ConstFloats x, std::int64_t n, RowNorm norm, Floats y, ThreadPool& pool) noexcept;

/// The scale of each row, [rows].
void layer_norm_scale(ConstFloats x, std::int64_t n, RowNorm norm, Floats scale,
                      ThreadPool& pool) noexcept;

/// dx = (dy - mean(dy) - y * mean(y * dy)) / scale, without mean(dy) where the centre is zero, with
/// y and scale computed again from x.
void layer_norm_grad(ConstFloats x, ConstFloats dy, std::int64_t n, RowNorm norm, Floats dx,
                     ThreadPool& pool) noexcept;

}  // namespace grok
