#include "grok/base/rng.h"

#include <cmath>
#include <string>
#include <utility>

#include "grok/base/error.h"
#include "grok/base/exact_math.h"

namespace grok {
namespace {

struct Halves {
  std::uint32_t high, low;
};

Halves multiply(std::uint32_t a, std::uint32_t b) {
  const std::uint64_t product = static_cast<std::uint64_t>(a) * b;
  return {static_cast<std::uint32_t>(product >> 32), static_cast<std::uint32_t>(product)};
}

std::array<std::uint32_t, 2> split(std::uint64_t x) {
  return {static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(x >> 32)};
}

std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

double unit(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

}  // namespace

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const Halves a = multiply(0xd2511f53, counter[0]);
    const Halves b = multiply(0xcd9e8d57, counter[2]);
    counter = {b.high ^ counter[1] ^ key[0], b.low, a.high ^ counter[3] ^ key[1], a.low};
    key[0] += 0x9e3779b9;  // the golden ratio
    key[1] += 0xbb67ae85;  // sqrt 3 - 1
  }
  return counter;
}

Rng::Rng(std::uint64_t seed, std::string_view stream)
    : key_(split(seed)), stream_(split(fnv1a(stream))) {}

std::array<std::uint64_t, 2> Rng::block(std::uint64_t number) const {
  const auto [low, high] = split(number);
  const auto r = philox4x32({low, high, stream_[0], stream_[1]}, key_);
  return {r[0] | static_cast<std::uint64_t>(r[1]) << 32, r[2] | static_cast<std::uint64_t>(r[3])
                                                                    << 32};
}

std::uint64_t Rng::bits(std::uint64_t index) const { return block(index / 2)[index % 2]; }

double Rng::uniform(std::uint64_t index) const { return unit(bits(index)); }

float Rng::uniform_float(std::uint64_t index) const {
  return static_cast<float>(bits(index) >> 40) * 0x1p-24f;
}

double Rng::normal(std::uint64_t index) const {
  const auto [a, b] = block(index / 2);
  const double radius = std::sqrt(-2.0 * exact_log(1.0 - unit(a)));  // 1 - u is never 0
  const CosSin turn = exact_cos_sin_2pi(unit(b));
  return radius * (index % 2 == 0 ? turn.cos : turn.sin);
}

std::uint64_t Rng::below(std::uint64_t index, std::uint64_t n) const {
  GROK_REQUIRE(n > 0, "a draw below 0");
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Wide>(bits(index)) * n) >> 64);
}

std::vector<std::int32_t> Rng::shuffled(std::int32_t n) const {
  GROK_REQUIRE(n >= 0, std::to_string(n) + " things to shuffle");
  std::vector<std::int32_t> order(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int32_t>(i);
  for (std::size_t i = order.size(); i-- > 1;) std::swap(order[i], order[below(i, i + 1)]);
  return order;
}

}  // namespace grok
