#pragma once
// Normal noise on an array, drawn by vectors from a stream without state: which number an element
// gets is a pure function of (seed, stream, step, element).

#include <cstdint>

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

/// Two that differ in seed, stream or step share no random bits.
struct NormalNoise {
  double sigma = 1;
  std::uint64_t seed = 0;
  std::uint64_t stream = 0;
  std::int64_t step = 0;
};

/// out = x + sigma z, z normal with mean 0 and variance 1, never beyond 5.8: Box and Muller's
/// transform of 24-bit uniforms, in float32. The words of an element are those of Philox4x32-10
/// blocks (philox_stream.h); the counter is (block, step, stream), the key is the seed.
///   x, out   of one size, below 2^34; out may be x
///   cost     some 30 operations per element
void add_noise(const NormalNoise& noise, ConstFloats x, Floats out, ThreadPool& pool) noexcept;

}  // namespace grok
