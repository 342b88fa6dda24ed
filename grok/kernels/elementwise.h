#pragma once
// Element by element over arrays of equal size; `out` may be one of the inputs. Large arrays are
// shared out among the threads in fixed ranges.

#include <cstdint>
#include <span>

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

/// out = max(x, 0); NaN stays NaN.
void relu(ConstFloats x, Floats out, ThreadPool& pool) noexcept;

/// dx = dy where x > 0, else 0. `x` may be the input of the relu or its output: the sign is the
/// same.
void relu_grad(ConstFloats x, ConstFloats dy, Floats dx, ThreadPool& pool) noexcept;

/// dx = (1 - y^2) dy, with the saved output y of a tanh.
void tanh_grad(ConstFloats y, ConstFloats dy, Floats dx, ThreadPool& pool) noexcept;
void tanh(ConstFloats x, Floats out, ThreadPool& pool) noexcept;

void add(ConstFloats a, ConstFloats b, Floats out, ThreadPool& pool) noexcept;
void multiply(ConstFloats a, ConstFloats b, Floats out, ThreadPool& pool) noexcept;
void scale(ConstFloats x, float factor, Floats out, ThreadPool& pool) noexcept;

/// Adds `b` to each row: a and out are [rows, b.size()]. With b = [mid, n] flattened, it adds the
/// same matrix to each of [outer, mid, n].
void add_rows(ConstFloats a, ConstFloats b, Floats out, ThreadPool& pool) noexcept;
/// The same with a product.
void multiply_rows(ConstFloats a, ConstFloats b, Floats out, ThreadPool& pool) noexcept;

}  // namespace grok
