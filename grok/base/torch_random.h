#pragma once
// PyTorch's CPU random stream, so that a run which its authors seeded with `torch.manual_seed` can
// be run again from the same weights.

#include <cstdint>
#include <optional>
#include <vector>

#include "grok/base/mersenne_twister.h"
#include "grok/base/tensor.h"

namespace grok {

/// What `torch.manual_seed(seed)` sets up. Checked against PyTorch 1.13 (tests/golden/
/// make_random_golden.py); integers agree exactly, normals to 1e-6 (PyTorch's own differ that much
/// between its builds, since its vector log and cos do).
class TorchRandom {
 public:
  /// PyTorch uses the seed's low 32 bits only.
  explicit TorchRandom(std::uint64_t seed) : bits_(static_cast<std::uint32_t>(seed)) {}

  /// As `torch.randn(out.size())` in float32. PyTorch has two ways, and size decides: from 16
  /// elements on, pairs eight apart are made from one pair of 24-bit uniforms, and a last part that
  /// is no multiple of 16 is filled from 16 fresh uniforms, over what stood there; below 16,
  /// elements come one by one from 53-bit uniforms, and an odd one leaves its twin for later.
  void randn(Floats out);

  /// As one element of `torch.rand` in float32: in [0, 1), a multiple of 2^-24.
  float rand();

  /// As one element of `torch.randint(low, high)`; low < high, at most 2^32 - 1 apart.
  std::int64_t randint(std::int64_t low, std::int64_t high);

  /// As `torch.randperm(n)`.
  std::vector<std::int32_t> randperm(std::int32_t n);

 private:
  double uniform_double();
  float one_normal();

  MersenneTwister bits_;
  std::optional<double> twin_;  // the sine that belongs to the last cosine
};

}  // namespace grok
