#pragma once
// Places in one stretch of memory for values that live from one moment to another.

#include <cstdint>
#include <vector>

namespace grok {

/// Something of `bytes` that lives through all moments [first, last].
struct LiveRange {
  std::int64_t bytes = 0;
  std::int64_t first = 0, last = 0;
};

struct Offsets {
  std::vector<std::int64_t> offsets;  // one per range, multiples of a cache line
  std::int64_t bytes = 0;             // of the whole stretch
};

/// In the order of their first moments, each takes the tightest gap between what then lives, or the
/// end. No two that live at once overlap.
///   cost  ranges x ranges alive at once
Offsets place(const std::vector<LiveRange>& ranges);

/// Bytes rounded up to whole cache lines.
std::int64_t whole_lines(std::int64_t bytes);

}  // namespace grok
