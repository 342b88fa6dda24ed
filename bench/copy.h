#pragma once
// The measure of bandwidth: a copy in memory of as many bytes as what it stands beside.

#include <cstddef>
#include <cstring>
#include <vector>

#include "grok/base/threads.h"

namespace grok::bench {

/// Reads half of `bytes` and writes the other half.
struct Copy {
  std::vector<std::byte> from, to;
  explicit Copy(double bytes)
      : from(static_cast<std::size_t>(bytes / 2)), to(static_cast<std::size_t>(bytes / 2)) {}
  void run(ThreadPool& pool) {
    const std::size_t n_chunks = 16, n = from.size();
    pool.for_chunks(n_chunks, [&](std::int64_t chunk) noexcept {
      const std::size_t i = static_cast<std::size_t>(chunk);
      const std::size_t begin = n * i / n_chunks, end = n * (i + 1) / n_chunks;
      std::memcpy(to.data() + begin, from.data() + begin, end - begin);
    });
  }
};

}  // namespace grok::bench
