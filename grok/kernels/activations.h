#pragma once
// Smooth activations x s(x), where the share s rises from 0 to 1, and their gradients
// dx = dy (s + x s'), element by element; `out` may be one of the inputs. Own polynomials, so the
// same bits on AVX2 and AVX-512. The largest errors found by activations_test.cpp, in units in the
// last place of the result:
//
//   gelu        6.8   down to the smallest normal results, at x = -12.8
//   silu        3.5   down to x = -80
//   gelu_tanh   3.2   down to x = -1; 13 to x = -3, 204 to x = -10, where the result is 1e-37

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

/// s(x) = Phi(x), the normal distribution: the exact GELU.
///   source   Hendrycks and Gimpel 2016, arXiv:1606.08415
void gelu(ConstFloats x, Floats out, ThreadPool& pool) noexcept;
void gelu_grad(ConstFloats x, ConstFloats dy, Floats dx, ThreadPool& pool) noexcept;

/// s(x) = (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2: GPT-2's GELU, TransformerLens's
/// "gelu_new".
void gelu_tanh(ConstFloats x, Floats out, ThreadPool& pool) noexcept;
void gelu_tanh_grad(ConstFloats x, ConstFloats dy, Floats dx, ThreadPool& pool) noexcept;

/// s(x) = 1 / (1 + e^-x): SiLU, or Swish.
void silu(ConstFloats x, Floats out, ThreadPool& pool) noexcept;
void silu_grad(ConstFloats x, ConstFloats dy, Floats dx, ThreadPool& pool) noexcept;

}  // namespace grok
