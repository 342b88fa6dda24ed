#include "grok/tasks/group.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "grok/base/error.h"

namespace grok {
namespace {

// The table of a product given by a function; the inverses are found in it.
template <class F>
Group tabulated(std::int32_t order, F product) {
  Group out;
  out.order = order;
  out.inverses.resize(static_cast<std::size_t>(order));
  out.table.reserve(static_cast<std::size_t>(order) * static_cast<std::size_t>(order));
  for (std::int32_t a = 0; a < order; ++a)
    for (std::int32_t b = 0; b < order; ++b) {
      const std::int32_t c = product(a, b);
      out.table.push_back(c);
      if (c == 0) out.inverses[static_cast<std::size_t>(a)] = b;
    }
  return out;
}

// A list of digits below 8 as one number, three bits a digit.
std::int32_t packed(const std::vector<std::int32_t>& digits) {
  return std::accumulate(digits.begin(), digits.end(), 0,
                         [](std::int32_t sum, std::int32_t d) { return sum << 3 | d; });
}

}  // namespace

std::vector<std::vector<std::int32_t>> permutations_of(int n) {
  std::vector<std::int32_t> list(static_cast<std::size_t>(n));
  std::iota(list.begin(), list.end(), 0);
  std::vector<std::vector<std::int32_t>> out;
  do out.push_back(list);
  while (std::next_permutation(list.begin(), list.end()));
  return out;
}

Group symmetric_group(int n) {
  GROK_REQUIRE(1 <= n && n <= 7, "permutations of " + std::to_string(n));
  const auto elements = permutations_of(n);
  std::vector<std::int32_t> number(std::size_t{1} << 3 * n);
  for (std::size_t i = 0; i < elements.size(); ++i)
    number[static_cast<std::size_t>(packed(elements[i]))] = static_cast<std::int32_t>(i);
  std::vector<std::int32_t> c(static_cast<std::size_t>(n));
  return tabulated(static_cast<std::int32_t>(elements.size()), [&](std::int32_t a, std::int32_t b) {
    const auto& first = elements[static_cast<std::size_t>(a)];
    const auto& then = elements[static_cast<std::size_t>(b)];
    for (std::size_t i = 0; i < c.size(); ++i) c[i] = then[static_cast<std::size_t>(first[i])];
    return number[static_cast<std::size_t>(packed(c))];
  });
}

Group dihedral_group(int n) {
  GROK_REQUIRE(n >= 1, "a polygon of " + std::to_string(n) + " sides");
  return tabulated(2 * n, [n](std::int32_t a, std::int32_t b) {
    const bool a_reflects = a >= n, b_reflects = b >= n;
    const std::int32_t turn = (a % n + (a_reflects ? n - b % n : b % n)) % n;
    return a_reflects == b_reflects ? turn : n + turn;
  });
}

Group cyclic_product(std::span<const std::int64_t> orders) {
  std::int64_t order = 1;
  for (const std::int64_t n : orders) {
    GROK_REQUIRE(n >= 1, "a cyclic group of order " + std::to_string(n));
    order *= n;
  }
  return tabulated(static_cast<std::int32_t>(order), [orders](std::int32_t a, std::int32_t b) {
    std::int64_t sum = 0, unit = 1, x = a, y = b;
    for (std::size_t i = orders.size(); i-- > 0;) {
      const std::int64_t n = orders[i];
      sum += unit * ((x % n + y % n) % n);
      unit *= n;
      x /= n;
      y /= n;
    }
    return static_cast<std::int32_t>(sum);
  });
}

}  // namespace grok
