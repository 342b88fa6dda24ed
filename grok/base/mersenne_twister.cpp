#include "grok/base/mersenne_twister.h"

#include <algorithm>
#include <bit>

#include "grok/base/error.h"

namespace grok {
namespace {
constexpr std::size_t middle = 397;

// One step of the recurrence: the top bit of one word and the rest of the next, shifted, and the
// matrix's last row where a one falls out.
std::uint32_t twist(std::uint32_t a, std::uint32_t b) {
  const std::uint32_t joined = (a & 0x80000000U) | (b & 0x7fffffffU);
  return (joined >> 1) ^ ((b & 1U) != 0 ? 0x9908b0dfU : 0U);
}

std::uint32_t fold(std::uint32_t x) { return x ^ (x >> 30); }
}  // namespace

MersenneTwister::MersenneTwister(std::uint32_t seed) {
  state_[0] = seed;
  for (std::uint32_t i = 1; i < n_words; ++i) state_[i] = 1812433253U * fold(state_[i - 1]) + i;
}

MersenneTwister::MersenneTwister(std::span<const std::uint32_t> key) : MersenneTwister(19650218U) {
  GROK_REQUIRE(!key.empty(), "a generator seeded from no words");
  std::size_t i = 1, j = 0;
  const auto step = [&] {
    if (++i == n_words) {
      state_[0] = state_[n_words - 1];
      i = 1;
    }
  };
  for (std::size_t k = std::max(n_words, key.size()); k > 0; --k) {
    state_[i] =
        (state_[i] ^ (fold(state_[i - 1]) * 1664525U)) + key[j] + static_cast<std::uint32_t>(j);
    step();
    j = (j + 1) % key.size();
  }
  for (std::size_t k = n_words - 1; k > 0; --k) {
    state_[i] = (state_[i] ^ (fold(state_[i - 1]) * 1566083941U)) - static_cast<std::uint32_t>(i);
    step();
  }
  state_[0] = 0x80000000U;
}

void MersenneTwister::refill() {
  for (std::size_t i = 0; i < n_words; ++i)
    state_[i] = state_[(i + middle) % n_words] ^ twist(state_[i], state_[(i + 1) % n_words]);
  used_ = 0;
}

std::uint32_t MersenneTwister::next() {
  if (used_ == n_words) refill();
  std::uint32_t y = state_[used_++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680U;
  y ^= (y << 15) & 0xefc60000U;
  return y ^ (y >> 18);
}

std::uint32_t MersenneTwister::masked_at_most(std::uint32_t max) {
  if (max == 0) return 0;
  const std::uint32_t mask = ~0U >> std::countl_zero(max);
  std::uint32_t draw = next() & mask;
  while (draw > max) draw = next() & mask;
  return draw;
}

}  // namespace grok
