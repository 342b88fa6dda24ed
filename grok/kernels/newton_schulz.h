#pragma once
// Gradients made orthogonal: of a matrix U S V^T what is left when every singular value is set near
// 1. The heart of Muon.

#include <cstddef>
#include <cstdint>
#include <span>

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

/// A stack of matrices.
struct MatrixStack {
  std::int64_t n_matrices = 1, rows = 0, columns = 0;
};

/// Floats that the caller lends to `newton_schulz`.
std::int64_t newton_schulz_scratch_floats(const MatrixStack& stack, int n_threads);

/// Each matrix divided by its Frobenius norm plus 1e-7, then `n_steps` times
///
///   A = X X^T;   X = 3.4445 X + (-4.7750 A + 2.0315 A A) X
///
/// or with A = X^T X behind X where it has more rows than columns, which is the same. With 5 steps
/// singular values from 0.01 of the norm upwards come to lie between 0.68 and 1.14: the polynomial
/// is chosen for its slope at 0, not for its limit. In float32 (the authors': bfloat16).
///
///   g, x     [n_matrices, rows, columns]; x may be g
///   cost     per step and matrix, with m the smaller side and n the larger: 4 m^2 n + 2 m^3
///   source   Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"
void newton_schulz(const MatrixStack& stack, int n_steps, ConstFloats g, Floats x, Floats scratch,
                   ThreadPool& pool) noexcept;

/// Floating-point operations of the products of one call, two per multiply-add.
double newton_schulz_flops(const MatrixStack& stack, int n_steps);

}  // namespace grok
