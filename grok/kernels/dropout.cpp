#include "grok/kernels/dropout.h"

#include <algorithm>
#include <array>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/dropout.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"

#ifndef GROK_KERNELS_DROPOUT_DRAW
#define GROK_KERNELS_DROPOUT_DRAW
namespace grok {
namespace {
/// A mask as the arrays' arithmetic uses it.
struct DropoutDraw {
  std::array<std::uint32_t, 2> key;
  std::array<std::uint32_t, 3> upper;  // the counter above the block's number
  std::uint32_t dropped_below;
  float kept;  // what a kept number is multiplied by
};

// Elements whose words come from the same blocks: sixteen blocks of four words.
constexpr std::size_t blocks_of_group = 16, words_of_block = 4;
constexpr std::size_t group = blocks_of_group * words_of_block;
}  // namespace
}  // namespace grok
#endif

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {
constexpr Full<float> d;
constexpr hn::RebindToUnsigned<Full<float>> words;
using Word = hn::Vec<decltype(words)>;

/// A Philox block in each lane.
struct Blocks {
  Word word[words_of_block];
};

/// The halves of the products of 32-bit lanes by one factor.
HWY_INLINE void multiply(Word a, std::uint32_t factor, Word& high, Word& low) {
  const hn::RepartitionToWide<decltype(words)> wide;
  const Word f = hn::Set(words, factor);
  const auto even = hn::MulEven(a, f);
  const auto odd = hn::MulEven(hn::BitCast(words, hn::ShiftRight<32>(hn::BitCast(wide, a))), f);
  low = hn::OddEven(hn::BitCast(words, hn::ShiftLeft<32>(odd)), hn::BitCast(words, even));
  high = hn::OddEven(hn::BitCast(words, odd), hn::BitCast(words, hn::ShiftRight<32>(even)));
}

/// philox4x32 of grok/base/rng.h, a block in each lane: blocks `first`, first + 1, ...
HWY_INLINE Blocks philox(const DropoutDraw& draw, std::uint32_t first) {
  Word c0 = hn::Iota(words, first), c1 = hn::Set(words, draw.upper[0]),
       c2 = hn::Set(words, draw.upper[1]), c3 = hn::Set(words, draw.upper[2]);
  std::uint32_t key0 = draw.key[0], key1 = draw.key[1];
  for (int round = 0; round < 10; ++round, key0 += 0x9e3779b9, key1 += 0xbb67ae85) {
    Word high_a, low_a, high_b, low_b;
    multiply(c0, 0xd2511f53, high_a, low_a);
    multiply(c2, 0xcd9e8d57, high_b, low_b);
    c0 = hn::Xor(hn::Xor(high_b, c1), hn::Set(words, key0));
    c1 = low_b;
    c2 = hn::Xor(hn::Xor(high_a, c3), hn::Set(words, key1));
    c3 = low_a;
  }
  return {{c0, c1, c2, c3}};
}

/// Elements [begin, end); begin is a multiple of a group.
void dropout_range(const DropoutDraw& draw, const float* x, std::size_t begin, std::size_t end,
                   float* out) {
  const auto kept = hn::Set(d, draw.kept);
  const Word limit = hn::Set(words, draw.dropped_below);
  for (std::size_t first = begin; first < end; first += group)
    for (std::size_t lane = 0; lane < blocks_of_group; lane += width<float>) {
      const Blocks blocks = philox(draw, static_cast<std::uint32_t>(first / words_of_block + lane));
      for (std::size_t k = 0; k < words_of_block; ++k) {
        const std::size_t i = first + k * blocks_of_group + lane;
        if (i >= end) continue;
        const auto is_dropped = hn::RebindMask(d, hn::Lt(blocks.word[k], limit));
        const auto factor = hn::IfThenZeroElse(is_dropped, kept);
        store_some<float>(hn::Mul(load_some(x + i, end - i), factor), out + i, end - i);
      }
    }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "grok/base/error.h"
#include "grok/base/rng.h"
#include "grok/kernels/dispatch.h"

namespace grok {
namespace {
HWY_EXPORT(dropout_range);

static_assert(numbers_per_chunk % group == 0);

std::uint32_t low(std::int64_t x) { return static_cast<std::uint32_t>(x); }
std::uint32_t high(std::int64_t x) { return static_cast<std::uint32_t>(x >> 32); }

DropoutDraw draw_of(const DropoutMask& m) {
  return {.key = {low(m.seed), high(m.seed)},
          .upper = {static_cast<std::uint32_t>(m.step), low(m.stream), high(m.stream)},
          .dropped_below = static_cast<std::uint32_t>(m.rate * 0x1p32),
          .kept = static_cast<float>(1 / (1 - m.rate))};
}
}  // namespace

bool is_dropped(const DropoutMask& mask, std::int64_t element) noexcept {
  const DropoutDraw draw = draw_of(mask);
  const auto i = static_cast<std::size_t>(element);
  const std::size_t block = i / group * blocks_of_group + i % blocks_of_group;
  const auto words = philox4x32(
      {static_cast<std::uint32_t>(block), draw.upper[0], draw.upper[1], draw.upper[2]}, draw.key);
  return words[i % group / blocks_of_group] < draw.dropped_below;
}

void dropout(const DropoutMask& mask, ConstFloats x, Floats out, ThreadPool& pool) noexcept {
  GROK_ASSERT(x.size() == out.size() && std::ssize(x) <= max_dropout_elements);
  GROK_ASSERT(mask.rate >= 0 && mask.rate < 1);
  const DropoutDraw draw = draw_of(mask);
  const auto range = GROK_DISPATCH(dropout_range);
  for_ranges(pool, static_cast<std::int64_t>(x.size()), numbers_per_chunk,
             [&](std::size_t begin, std::size_t end) noexcept {
               range(draw, x.data(), begin, end, out.data());
             });
}

}  // namespace grok
#endif  // HWY_ONCE
