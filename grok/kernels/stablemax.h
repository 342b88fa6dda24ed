#pragma once
// The loss of StableMax, row by row, in nats: cross-entropy with s(x) = x + 1 for x >= 0 and
// 1 / (1 - x) below in place of the exponential. It grows as a line, so that no class's share is
// lost beside another's. The loss is log1p of the others' share, and the label's gradient is minus
// a share of the others, as in cross_entropy.h: both keep their digits where the share is tiny.
//
//   x       [rows, n]
//   labels  [rows], each in [0, n)
//   source  Prieto et al. 2025, arXiv:2501.04697

#include <cstdint>
#include <span>

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

/// In which sums and quotients are taken; losses are kept in double, gradients in float.
enum class Arithmetic { float32, float64 };

/// losses[row] = -log(s(x[label]) / sum of s(x)); NaN where the row has one.
void stablemax(ConstFloats x, std::int64_t n, Tokens labels, Arithmetic arithmetic,
               std::span<double> losses, ThreadPool& pool) noexcept;

/// dx = d_losses[row] * d loss / dx, rounded once to float. The slope of s at 0 is 1 from both
/// sides.
void stablemax_grad(ConstFloats x, std::int64_t n, Tokens labels, Doubles d_losses,
                    Arithmetic arithmetic, Floats dx, ThreadPool& pool) noexcept;

}  // namespace grok
