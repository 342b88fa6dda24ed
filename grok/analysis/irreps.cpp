#include "grok/analysis/irreps.h"

#include <algorithm>
#include <string>

#include "grok/base/error.h"

namespace grok {
namespace {

void append_partitions(int rest, int largest, Partition& begun, std::vector<Partition>& out) {
  if (rest == 0) out.push_back(begun);
  for (int part = std::min(rest, largest); part >= 1; --part) {
    begun.push_back(part);
    append_partitions(rest - part, part, begun, out);
    begun.pop_back();
  }
}

// The diagram as the set of its rows' first hooks, distinct numbers of 0 or more. To take off a rim
// hook of r boxes is to lower one of them by r to a number that is free; the hook's height is how
// many it passes.
std::int64_t character_of(const std::vector<int>& rows, std::span<const int> cycles) {
  if (cycles.empty()) return 1;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const int lowered = rows[i] - cycles[0];
    if (lowered < 0 || std::ranges::find(rows, lowered) != rows.end()) continue;
    const auto height =
        std::ranges::count_if(rows, [&](int other) { return lowered < other && other < rows[i]; });
    std::vector<int> rest = rows;
    rest[i] = lowered;
    const std::int64_t of_rest = character_of(rest, cycles.subspan(1));
    sum += height % 2 == 0 ? of_rest : -of_rest;
  }
  return sum;
}

double dot(Doubles a, Doubles b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

std::vector<Partition> partitions(int n) {
  GROK_REQUIRE(n >= 1, "n is " + std::to_string(n));
  std::vector<Partition> out;
  Partition begun;
  append_partitions(n, n, begun, out);
  return out;
}

Partition cycle_lengths(std::span<const std::int32_t> images) {
  std::vector<bool> seen(images.size());
  Partition out;
  for (std::size_t i = 0; i < images.size(); ++i) {
    int length = 0;
    for (std::size_t at = i; !seen[at]; at = static_cast<std::size_t>(images[at])) {
      seen[at] = true;
      ++length;
    }
    if (length > 0) out.push_back(length);
  }
  std::sort(out.rbegin(), out.rend());
  return out;
}

std::int64_t character(const Partition& representation, const Partition& cycles) {
  std::vector<int> rows;
  for (std::size_t i = 0; i < representation.size(); ++i)
    rows.push_back(representation[i] + static_cast<int>(representation.size() - 1 - i));
  return character_of(rows, cycles);
}

std::vector<double> shares_of_irreps(Doubles f,
                                     std::span<const std::vector<std::int32_t>> permutations) {
  const std::size_t order = permutations.size();
  GROK_REQUIRE(order > 0 && f.size() % order == 0,
               std::to_string(f.size()) + " numbers for " + std::to_string(order) + " elements");
  const std::size_t width = f.size() / order, n = permutations[0].size();
  const std::vector<Partition> classes = partitions(static_cast<int>(n));
  // Of all pairs (x, y) with x y^-1 in a class, the sum of f(x) . f(y).
  std::vector<double> by_class(classes.size());
  std::vector<std::int32_t> quotient(n);
  for (std::size_t x = 0; x < order; ++x)
    for (std::size_t y = x; y < order; ++y) {
      for (std::size_t i = 0; i < n; ++i)
        quotient[static_cast<std::size_t>(permutations[y][i])] = permutations[x][i];
      const auto at = std::ranges::find(classes, cycle_lengths(quotient)) - classes.begin();
      const double both = dot(f.subspan(x * width, width), f.subspan(y * width, width));
      by_class[static_cast<std::size_t>(at)] += x == y ? both : 2 * both;
    }
  const double all = by_class.back();  // of x = y: the class of the identity
  std::vector<double> out;
  for (const Partition& representation : classes) {
    double sum = 0;
    for (std::size_t c = 0; c < classes.size(); ++c)
      sum += static_cast<double>(character(representation, classes[c])) * by_class[c];
    const auto dimension = static_cast<double>(character(representation, classes.back()));
    out.push_back(all == 0 ? 0 : dimension * sum / (static_cast<double>(order) * all));
  }
  return out;
}

}  // namespace grok
