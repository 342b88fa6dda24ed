#pragma once
// Kernels on arrays of rows [rows, n]: sums over rows, gathers and scatters.

#include <cstdint>
#include <span>

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

/// out[j] = sum over rows of x[row, j]: fixed chunks of 128 rows, each summed in order, then added
/// in order; with `accumulate` to what `out` holds. Threads divide the columns.
void sum_rows(ConstFloats x, Floats out, ThreadPool& pool, bool accumulate = false) noexcept;

/// out[i] = table[indices[i]], rows of `n` numbers.
void gather_rows(ConstFloats table, Tokens indices, std::int64_t n, Floats out,
                 ThreadPool& pool) noexcept;

/// out[r] = sum of the rows grad[i] with indices[i] == r, in increasing i; rows that no index names
/// are zero. Threads divide the columns.
void scatter_add_rows(ConstFloats grad, Tokens indices, std::int64_t n, Floats out,
                      ThreadPool& pool) noexcept;

}  // namespace grok
