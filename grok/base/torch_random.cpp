#include "grok/base/torch_random.h"

#include <cmath>
#include <string>
#include <utility>

#include "grok/base/error.h"
#include "grok/base/exact_math.h"

namespace grok {
namespace {
constexpr std::size_t block = 16;

// Sixteen uniforms, in place, become sixteen normals. Rounded to float after every operation, as
// PyTorch's are: rounding the angle alone moves a result by 2e-7.
void box_muller(Floats sixteen) {
  for (std::size_t j = 0; j < block / 2; ++j) {
    const float u = 1.0f - sixteen[j];  // in (0, 1]: its log is finite
    const float log_u = static_cast<float>(exact_log(static_cast<double>(u)));
    const float radius = std::sqrt(-2.0f * log_u);
    const float angle = 6.2831855f * sixteen[j + block / 2];
    const CosSin turn = exact_cos_sin_2pi(static_cast<double>(angle) * 0x1.45f306dc9c883p-3);
    sixteen[j] = radius * static_cast<float>(turn.cos);
    sixteen[j + block / 2] = radius * static_cast<float>(turn.sin);
  }
}
}  // namespace

float TorchRandom::rand() { return static_cast<float>(bits_.next() & 0xffffffU) * 0x1p-24f; }

double TorchRandom::uniform_double() {
  const std::uint64_t high = bits_.next();
  const std::uint64_t both = high << 32 | bits_.next();
  return static_cast<double>(both & ((std::uint64_t{1} << 53) - 1)) * 0x1p-53;
}

float TorchRandom::one_normal() {
  if (twin_) return static_cast<float>(*std::exchange(twin_, std::nullopt));
  const double u = uniform_double();
  const double radius = std::sqrt(-2.0 * exact_log1p(-uniform_double()));
  const CosSin turn = exact_cos_sin_2pi(u);
  twin_ = radius * turn.sin;
  return static_cast<float>(radius * turn.cos);
}

void TorchRandom::randn(Floats out) {
  if (out.size() < block) {
    for (float& x : out) x = one_normal();
    return;
  }
  for (float& x : out) x = rand();
  const std::size_t whole = out.size() / block * block;
  for (std::size_t i = 0; i < whole; i += block) box_muller(out.subspan(i, block));
  if (whole == out.size()) return;
  const Floats last = out.last(block);
  for (float& x : last) x = rand();
  box_muller(last);
}

std::int64_t TorchRandom::randint(std::int64_t low, std::int64_t high) {
  GROK_REQUIRE(low < high && high - low < (std::int64_t{1} << 32),
               "randint from " + std::to_string(low) + " to " + std::to_string(high));
  return low + static_cast<std::int64_t>(bits_.next()) % (high - low);
}

std::vector<std::int32_t> TorchRandom::randperm(std::int32_t n) {
  GROK_REQUIRE(n >= 0, "a permutation of " + std::to_string(n));
  std::vector<std::int32_t> order(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int32_t>(i);
  for (std::size_t i = 0; i + 1 < order.size(); ++i)
    std::swap(order[i], order[i + bits_.next() % (order.size() - i)]);
  return order;
}

}  // namespace grok
