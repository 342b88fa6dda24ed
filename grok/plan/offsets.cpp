#include "grok/plan/offsets.h"

#include <algorithm>
#include <numeric>

#include "grok/base/tensor.h"

namespace grok {
namespace {

struct Block {
  std::int64_t begin = 0, end = 0, last = 0;
};

// The tightest gap between living blocks that holds `bytes`, or the end of the last one.
std::int64_t tightest(const std::vector<Block>& living, std::int64_t bytes) {
  std::int64_t best = -1, best_gap = 0, at = 0;
  for (const Block& b : living) {
    const std::int64_t gap = b.begin - at;
    if (gap >= bytes && (best < 0 || gap < best_gap)) {
      best = at;
      best_gap = gap;
    }
    at = std::max(at, b.end);
  }
  return best < 0 ? at : best;
}

}  // namespace

std::int64_t whole_lines(std::int64_t bytes) {
  const auto unit = static_cast<std::int64_t>(alignment);
  return (bytes + unit - 1) / unit * unit;
}

Offsets place(const std::vector<LiveRange>& ranges) {
  Offsets out;
  out.offsets.resize(ranges.size());
  std::vector<std::size_t> order(ranges.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return ranges[a].first < ranges[b].first;
  });
  std::vector<Block> living;  // sorted by begin
  for (const std::size_t i : order) {
    const LiveRange& l = ranges[i];
    std::erase_if(living, [&](const Block& b) { return b.last < l.first; });
    const std::int64_t bytes = whole_lines(l.bytes);
    const std::int64_t begin = tightest(living, bytes);
    out.offsets[i] = begin;
    out.bytes = std::max(out.bytes, begin + bytes);
    const Block block{begin, begin + bytes, l.last};
    const auto at =
        std::upper_bound(living.begin(), living.end(), block,
                         [](const Block& a, const Block& b) { return a.begin < b.begin; });
    living.insert(at, block);
  }
  return out;
}

}  // namespace grok
