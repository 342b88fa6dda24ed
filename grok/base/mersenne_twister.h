#pragma once
// MT19937, the 32-bit generator behind PyTorch's CPU stream, Python's `random` and NumPy's legacy
// one. Here only to repeat published runs; our own draws come from `Rng`.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace grok {

/// The generator of Matsumoto and Nishimura 1998, with both of its seedings (2002).
class MersenneTwister {
 public:
  /// Seeds from one word (`init_genrand`): PyTorch and NumPy's legacy generator do this.
  explicit MersenneTwister(std::uint32_t seed);
  /// Seeds from at least one word (`init_by_array`): Python does this.
  explicit MersenneTwister(std::span<const std::uint32_t> key);

  /// The next 32 bits.
  std::uint32_t next();

  /// Uniform in [0, max], for the legacy generator of NumPy: the least mask of ones that covers
  /// max, and again until it fits. Takes no draw if max is 0.
  std::uint32_t masked_at_most(std::uint32_t max);

 private:
  static constexpr std::size_t n_words = 624;

  void refill();

  std::array<std::uint32_t, n_words> state_{};
  std::size_t used_ = n_words;
};

}  // namespace grok
