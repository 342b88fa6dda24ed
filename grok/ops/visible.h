#pragma once
// The attribute `visible` of the ops of attention: query i, counted from 0, sees the first
// visible + i keys, and what they compute for the others is 0. Where it is absent or 0 every query
// sees all. A causal mask is visible=1 (plan/hidden_keys.cpp).

#include <algorithm>

#include "grok/base/error.h"
#include "grok/graph/op.h"
#include "grok/kernels/softmax.h"
#include "grok/ops/rules.h"

namespace grok::ops {

inline std::int64_t visible_of(const Attributes& a) { return a.integer_or("visible", 0); }

inline std::int64_t keys_seen_by(std::int64_t query, std::int64_t n_keys, std::int64_t visible) {
  return visible == 0 ? n_keys : std::min(n_keys, visible + query);
}

inline void require_visible(const Attributes& a, std::int64_t n_keys) {
  GROK_REQUIRE(0 <= visible_of(a) && visible_of(a) <= n_keys,
               a.to_string() + " of " + std::to_string(n_keys) + " keys");
}

/// Which share of all pairs of queries and keys is seen.
inline double share_seen(const Attributes& a, std::int64_t n_queries, std::int64_t n_keys) {
  std::int64_t n = 0;
  for (std::int64_t i = 0; i < n_queries; ++i) n += keys_seen_by(i, n_keys, visible_of(a));
  return static_cast<double>(n) /
         static_cast<double>(std::max<std::int64_t>(1, n_queries * n_keys));
}

/// The same of a pattern [..., queries, keys]; 1 of rows that are no queries'.
inline double share_seen(const Attributes& a, const Shape& pattern) {
  return visible_of(a) == 0 ? 1.0 : share_seen(a, pattern[-2], pattern[-1]);
}

inline RowsSeen rows_seen(const Attributes& a, const Shape& pattern) {
  if (visible_of(a) == 0) return {};
  return {.n_queries = pattern[-2], .visible = visible_of(a)};
}

/// Of row `row` of `n` numbers.
inline std::size_t numbers_seen(const RowsSeen& seen, std::size_t row, std::size_t n) {
  const std::int64_t query = static_cast<std::int64_t>(row) % seen.n_queries;
  return static_cast<std::size_t>(keys_seen_by(query, static_cast<std::int64_t>(n), seen.visible));
}

/// As `same_axis_but_last`; nor may queries be taken apart, which see keys by their position.
inline std::optional<std::vector<int>> same_axis_seen(Types inputs, const TensorType& output,
                                                      const Attributes& a, int axis) {
  if (visible_of(a) > 0 && axis == output.shape.rank() - 2) return std::nullopt;
  return same_axis_but_last(inputs, output, a, axis);
}

/// `attributes` with the same visibility as `like`.
inline Attributes seen_as(const Attributes& like, Attributes attributes) {
  if (visible_of(like) > 0) attributes.set("visible", visible_of(like));
  return attributes;
}

}  // namespace grok::ops
