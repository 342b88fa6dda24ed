#pragma once
// Softmax over the last axis, for rows of any length.

#include <cstdint>

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

/// How much of each row is there. Rows are those of queries, n_queries after one another: of query
/// i the first visible + i numbers, and y or dx is 0 in the rest; all of them where visible is 0.
struct RowsSeen {
  std::int64_t n_queries = 1, visible = 0;
};

/// y[row] = exp(x[row] - max) / sum, rows of n numbers. A row with a NaN becomes all NaN; `y` may
/// be `x`. -inf gives 0, unless the whole row is -inf, which gives NaN, as in PyTorch.
void softmax_rows(ConstFloats x, std::int64_t n, Floats y, ThreadPool& pool,
                  RowsSeen seen = {}) noexcept;

/// dx = y (dy - sum(y dy)), with the saved output y.
void softmax_rows_grad(ConstFloats y, ConstFloats dy, std::int64_t n, Floats dx, ThreadPool& pool,
                       RowsSeen seen = {}) noexcept;

}  // namespace grok
