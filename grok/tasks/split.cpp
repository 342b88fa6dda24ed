#include "grok/tasks/split.h"

#include <numeric>

#include "grok/base/error.h"
#include "grok/base/python_random.h"
#include "grok/base/rng.h"

namespace grok {

Split shuffled_split(std::int32_t n, double fraction, std::uint64_t seed, std::string_view rng) {
  std::vector<std::int32_t> order;
  if (rng == "python") {
    order.resize(static_cast<std::size_t>(n));
    std::iota(order.begin(), order.end(), 0);
    PythonRandom(seed).shuffle(std::span<std::int32_t>(order));
  } else {
    GROK_REQUIRE(rng == "philox", std::string(rng));
    order = Rng(seed, "split").shuffled(n);
  }
  const auto cut = order.begin() + static_cast<std::int32_t>(fraction * n);
  return {{order.begin(), cut}, {cut, order.end()}};
}

}  // namespace grok
