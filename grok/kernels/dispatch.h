#pragma once
// Included last in the once-compiled part of a kernel's .cpp: calls the version of a function that
// was compiled for the active target.

#include <algorithm>
#include <cstdint>

#include <hwy/highway.h>

#include "grok/base/threads.h"
#include "grok/kernels/target.h"

#define GROK_DISPATCH(function) (::grok::settle_target(), HWY_DYNAMIC_DISPATCH(function))

namespace grok {

/// Calls f(begin, end) for consecutive ranges of [0, n), each of `per_chunk` items but for the
/// last. `per_chunk` is a function of shapes only.
template <class F>
void for_ranges(ThreadPool& pool, std::int64_t n, std::int64_t per_chunk, F&& f) {
  const std::int64_t step = std::max<std::int64_t>(per_chunk, 1);
  pool.for_chunks((n + step - 1) / step, [&](std::int64_t chunk) noexcept {
    f(static_cast<std::size_t>(chunk * step),
      static_cast<std::size_t>(std::min(n, (chunk + 1) * step)));
  });
}

/// Numbers to give one chunk, so that it pays to wake a thread and to fetch from its cache.
inline constexpr std::int64_t numbers_per_chunk = 65536;

/// Rows of `width` numbers to give one chunk.
inline std::int64_t rows_per_chunk(std::int64_t width) {
  return std::max<std::int64_t>(1, numbers_per_chunk / std::max<std::int64_t>(width, 1));
}

}  // namespace grok
