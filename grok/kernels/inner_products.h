#pragma once
// Sums of products over whole arrays, in double: norms of gradients, and how far they point along
// the weights.

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

struct InnerProducts {
  double aa = 0, ab = 0, bb = 0;
};

/// Sums over all elements of a a, a b and b b. Each product is exact; sums run in 32 lanes over at
/// most 64 ranges, whose number depends on the size alone, and meet in a fixed order.
///   a, b   of one size
InnerProducts inner_products(ConstFloats a, ConstFloats b, ThreadPool& pool) noexcept;

/// The sum over all elements of x x, the same way.
double sum_of_squares(ConstFloats x, ThreadPool& pool) noexcept;

}  // namespace grok
