#pragma once
// Which examples are for training: the start of a shuffled list, by whichever stream a source used.

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace grok {

struct Split {
  std::vector<std::int32_t> train, test;
};

/// Shuffles 0 .. n-1 and cuts after the first floor(fraction * n).
///
///   rng      "philox": our own stream "split"; "python": random.seed(seed); random.shuffle(list)
///   returns  both parts in shuffled order
Split shuffled_split(std::int32_t n, double fraction, std::uint64_t seed, std::string_view rng);

}  // namespace grok
