#pragma once
// How mix_rows and its kin read their table: in strips of columns, each with all rows one after
// another. What many examples read of a strip then lies together and stays in the first cache,
// whatever the width; in the table as it stands a power of two puts all rows in the same few lines.

#include <algorithm>
#include <cstddef>

#include "grok/base/tensor.h"
#include "grok/kernels/mix_rows.h"

namespace grok {

/// Columns of a strip: a kilobyte for a row of four heads.
inline constexpr std::size_t strip_columns = 64;

/// A packed table: element (row, head, column) stands in strip column / 64, behind all rows and
/// heads of the strips before. Columns beyond the last are zeros.
template <class Float>
struct MixTableOf {
  Float* data;
  std::size_t n_rows, n_heads, width;

  std::size_t n_strips() const { return (width + strip_columns - 1) / strip_columns; }
  std::size_t strip_size() const { return n_rows * n_heads * strip_columns; }
  Float* strip(std::size_t s) const { return data + s * strip_size(); }
  /// Columns of strip s that exist.
  std::size_t columns(std::size_t s) const {
    return std::min(strip_columns, width - s * strip_columns);
  }
  std::size_t row_step() const { return n_heads * strip_columns; }
};
using MixTable = MixTableOf<const float>;

template <class Float>
MixTableOf<Float> mix_table(const MixRowsShape& s, Float* packed) {
  return {packed, static_cast<std::size_t>(s.n_rows), static_cast<std::size_t>(s.n_heads),
          static_cast<std::size_t>(s.width)};
}
inline MixTable mix_table(const MixRowsShape& s, std::nullptr_t) {
  return mix_table<const float>(s, static_cast<const float*>(nullptr));
}

/// One row of x or of the mix: where it finds its example's index, and its first head's weights in
/// the pattern, or in the pattern's gradient.
template <class Float>
struct MixPlace {
  const Token* index;
  Float* p;
};

// Rows at a time: enough sums to keep the multiply-adds busy.
inline constexpr std::size_t mix_group = 4;
// Rows whose places are found once, for all strips.
inline constexpr std::size_t mix_places = 128;

/// The places of `n` rows from `first` on, at most mix_places of them.
template <class Float>
void find_places(const MixRowsShape& s, const Token* index, Float* p, std::size_t first,
                 std::size_t n, MixPlace<Float>* to) {
  const auto n_queries = static_cast<std::size_t>(s.n_queries);
  const auto n_keys = static_cast<std::size_t>(s.n_keys);
  const auto n_heads = static_cast<std::size_t>(s.n_heads);
  std::size_t example = first / n_queries, query = first % n_queries;
  for (std::size_t i = 0; i < n; ++i) {
    to[i] = {index + example * n_keys, p + (example * n_heads * n_queries + query) * n_keys};
    if (++query < n_queries) continue;
    query = 0;
    ++example;
  }
}

/// Rows of x or of the mix to give one chunk of a pool: a million multiply-adds.
inline std::int64_t mix_rows_per_chunk(const MixRowsShape& s) {
  const std::int64_t work = std::max<std::int64_t>(1, s.n_heads * s.n_keys * s.width);
  return std::max<std::int64_t>(1, (1 << 20) / work);
}

}  // namespace grok
