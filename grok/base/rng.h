#pragma once
// Random numbers without state: a draw is a function of (seed, stream, index), so a new stream
// never moves another's draws, and any draw can be had again without those before it.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace grok {

/// One block of Philox4x32-10, a bijection of the 128-bit counter for each 64-bit key.
///   source   Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key);

/// A named stream of draws. The key of its Philox blocks is the seed; the upper half of the counter
/// is the 64-bit FNV-1a hash of the stream's name, the lower half the block's number. So two seeds
/// never share a block, nor do two streams whose names hash differently.
///
/// Block j serves the draws 2j and 2j + 1. All kinds of draw read the same blocks: let one stream
/// serve one kind.
class Rng {
 public:
  Rng(std::uint64_t seed, std::string_view stream);

  /// 64 random bits.
  std::uint64_t bits(std::uint64_t index) const;
  /// In [0, 1), a multiple of 2^-53.
  double uniform(std::uint64_t index) const;
  /// In [0, 1), a multiple of 2^-24.
  float uniform_float(std::uint64_t index) const;
  /// Normal with mean 0 and variance 1 (Box-Muller, with our own log, cos and sin): the draws 2j
  /// and 2j + 1 are the cosine and the sine of one pair of uniforms. Never beyond 8.6.
  double normal(std::uint64_t index) const;
  /// In [0, n), n > 0; no value's probability is off by more than 2^-64.
  std::uint64_t below(std::uint64_t index, std::uint64_t n) const;
  /// A permutation of 0 .. n-1: Fisher and Yates's shuffle from the end, with below(i, i + 1).
  std::vector<std::int32_t> shuffled(std::int32_t n) const;

 private:
  std::array<std::uint64_t, 2> block(std::uint64_t number) const;

  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 2> stream_;
};

}  // namespace grok
