#pragma once
// Which random words belong to which element of an array, where a kernel draws them by vectors.

#include <array>
#include <cstddef>
#include <cstdint>

namespace grok {

/// The key of Philox4x32-10, and the counter above the block's number.
struct PhiloxStream {
  std::array<std::uint32_t, 2> key;
  std::array<std::uint32_t, 3> upper;
};

/// That of a step: the seed is the key; number of the step and the stream stand above the block's.
inline PhiloxStream philox_stream(std::uint64_t seed, std::uint64_t stream, std::int64_t step) {
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  return {{low(seed), low(seed >> 32)},
          {static_cast<std::uint32_t>(step), low(stream), low(stream >> 32)}};
}

// Elements whose words come from the same blocks: sixteen blocks of four words. Word k of block
// 16 i + j is that of element 64 i + 16 k + j, so that the blocks of a vector give words of
// neighbours.
inline constexpr std::size_t blocks_of_group = 16, words_of_block = 4;
inline constexpr std::size_t philox_group = blocks_of_group * words_of_block;

}  // namespace grok
