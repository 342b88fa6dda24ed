#include "grok/base/python_random.h"

#include <array>
#include <string>

#include "grok/base/error.h"

namespace grok {
namespace {
// Python seeds from the words of the number's magnitude, least first; a small one has one word.
MersenneTwister seeded(std::uint64_t seed) {
  const std::array<std::uint32_t, 2> words{static_cast<std::uint32_t>(seed),
                                           static_cast<std::uint32_t>(seed >> 32)};
  return MersenneTwister(std::span(words).first(words[1] == 0 ? 1 : 2));
}
}  // namespace

PythonRandom::PythonRandom(std::uint64_t seed) : bits_(seeded(seed)) {}

double PythonRandom::random() {
  const std::uint64_t high = bits_.next() >> 5;
  const std::uint64_t low = bits_.next() >> 6;
  return static_cast<double>(high << 26 | low) * 0x1p-53;
}

std::uint32_t PythonRandom::randrange(std::uint32_t n) {
  GROK_REQUIRE(n > 0, "a draw below 0");
  // As many top bits as n itself has, so a power of two is refused half the time. So be it.
  const int unused = std::countl_zero(n);
  std::uint32_t draw = bits_.next() >> unused;
  while (draw >= n) draw = bits_.next() >> unused;
  return draw;
}

std::int64_t NumpyRandom::randint(std::int64_t low, std::int64_t high) {
  GROK_REQUIRE(low < high && high - low < (std::int64_t{1} << 32),
               "randint from " + std::to_string(low) + " to " + std::to_string(high));
  return low + bits_.masked_at_most(static_cast<std::uint32_t>(high - low - 1));
}

}  // namespace grok
