// Philox blocks, one in each lane of a vector. Included once per target.

#if defined(GROK_KERNELS_PHILOX_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef GROK_KERNELS_PHILOX_INL_H_
#undef GROK_KERNELS_PHILOX_INL_H_
#else
#define GROK_KERNELS_PHILOX_INL_H_
#endif

#include <cstddef>
#include <cstdint>

#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"
#include "grok/kernels/philox_stream.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {
constexpr hn::RebindToUnsigned<Full<float>> words;
using PhiloxWord = hn::Vec<decltype(words)>;

/// A Philox block in each lane.
struct Blocks {
  PhiloxWord word[words_of_block];
};

/// The halves of the products of 32-bit lanes by one factor.
HWY_INLINE void multiply(PhiloxWord a, std::uint32_t factor, PhiloxWord& high, PhiloxWord& low) {
  const hn::RepartitionToWide<decltype(words)> wide;
  const PhiloxWord f = hn::Set(words, factor);
  const auto even = hn::MulEven(a, f);
  const auto odd = hn::MulEven(hn::BitCast(words, hn::ShiftRight<32>(hn::BitCast(wide, a))), f);
  low = hn::OddEven(hn::BitCast(words, hn::ShiftLeft<32>(odd)), hn::BitCast(words, even));
  high = hn::OddEven(hn::BitCast(words, odd), hn::BitCast(words, hn::ShiftRight<32>(even)));
}

/// philox4x32 of grok/base/rng.h, a block in each lane: blocks `first`, first + 1, ...
HWY_INLINE Blocks philox(const PhiloxStream& stream, std::uint32_t first) {
  PhiloxWord c0 = hn::Iota(words, first), c1 = hn::Set(words, stream.upper[0]),
             c2 = hn::Set(words, stream.upper[1]), c3 = hn::Set(words, stream.upper[2]);
  std::uint32_t key0 = stream.key[0], key1 = stream.key[1];
  for (int round = 0; round < 10; ++round, key0 += 0x9e3779b9, key1 += 0xbb67ae85) {
    PhiloxWord high_a, low_a, high_b, low_b;
    multiply(c0, 0xd2511f53, high_a, low_a);
    multiply(c2, 0xcd9e8d57, high_b, low_b);
    c0 = hn::Xor(hn::Xor(high_b, c1), hn::Set(words, key0));
    c1 = low_b;
    c2 = hn::Xor(hn::Xor(high_a, c3), hn::Set(words, key1));
    c3 = low_a;
  }
  return {{c0, c1, c2, c3}};
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#endif  // GROK_KERNELS_PHILOX_INL_H_
