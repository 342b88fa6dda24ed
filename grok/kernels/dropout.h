#pragma once
// Dropout: each number is zeroed with probability `rate`, and those that are kept are divided by
// 1 - rate, so that the expectation stays. Which ones is a pure function of (seed, stream, step,
// element), the same for any number of threads, and to be had again for any step.

#include <cstdint>

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

/// One mask. Two that differ in seed, stream or step share no random bits.
struct DropoutMask {
  double rate = 0;  // in [0, 1)
  std::int64_t seed = 0;
  std::int64_t stream = 0;
  std::int32_t step = 0;
};

/// Elements that a mask can tell apart.
inline constexpr std::int64_t max_dropout_elements = std::int64_t{1} << 34;

/// Whether the mask zeroes an element: one word of a Philox4x32-10 block below 2^32 rate. The key
/// is the seed; the counter is (block, step, stream), with block 16 i + j, word k for element
/// 64 i + 16 k + j, so that the blocks of a vector give words of neighbours.
bool is_dropped(const DropoutMask& mask, std::int64_t element) noexcept;

/// out = x / (1 - rate) where the mask keeps x, else 0 x: NaN stays NaN.
void dropout(const DropoutMask& mask, ConstFloats x, Floats out, ThreadPool& pool) noexcept;

}  // namespace grok
