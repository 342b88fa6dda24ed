#pragma once
// The loops behind permute, slice and pad: a copy between arrays of any strides.

#include <array>
#include <utility>

#include "grok/base/shape.h"
#include "grok/graph/op.h"

namespace grok::ops {

/// One step per axis, in elements.
using Strides = std::array<std::int64_t, Shape::max_rank>;

/// The strides of a row-major array of this shape.
inline Strides strides_of(const Shape& shape) {
  Strides strides{};
  for (int i = 0; i < shape.rank(); ++i)
    strides[static_cast<std::size_t>(i)] = shape.product(i + 1, shape.rank());
  return strides;
}

/// Axes of a copy, outermost first; each with its number of steps, and how far a step leads.
struct CopyAxes {
  struct Axis {
    std::int64_t n, from, to;
  };
  std::array<Axis, Shape::max_rank + 2> axis{};
  int rank = 0;

  /// Neighbouring axes that are one in both arrays are joined, those of one step left out.
  CopyAxes(const Shape& shape, const Strides& from, const Strides& to) {
    axis[0] = axis[1] = {1, 0, 0};  // at least two, for the loops inside
    rank = 2;
    for (int i = 0; i < shape.rank(); ++i) {
      const Axis next{shape[i], from[static_cast<std::size_t>(i)], to[static_cast<std::size_t>(i)]};
      if (next.n == 1) continue;
      Axis& last = axis[static_cast<std::size_t>(rank - 1)];
      if (last.n > 1 && last.from == next.from * next.n && last.to == next.to * next.n)
        last = {last.n * next.n, next.from, next.to};
      else
        axis[static_cast<std::size_t>(rank++)] = next;
    }
    // A loop of a few steps costs more than its copies: it goes outside a longer one.
    Axis& inner = axis[static_cast<std::size_t>(rank - 1)];
    Axis& outer = axis[static_cast<std::size_t>(rank - 2)];
    if (inner.n < 8 && outer.n > inner.n) std::swap(inner, outer);
  }
};

/// to[i0 * to_strides[0] + i1 * to_strides[1] + ...] = from[i0 * from_strides[0] + ...], for all of
/// `shape`. The arrays do not overlap.
///   cost     one read and one write per element
template <class T>
void strided_copy(const Shape& shape, const T* from, const Strides& from_strides, T* to,
                  const Strides& to_strides) {
  if (shape.n_elements() == 0) return;
  const CopyAxes axes(shape, from_strides, to_strides);
  const auto inner = axes.axis[static_cast<std::size_t>(axes.rank - 1)];
  const auto outer = axes.axis[static_cast<std::size_t>(axes.rank - 2)];
  std::array<std::int64_t, Shape::max_rank + 2> at{};
  while (true) {
    for (std::int64_t i = 0; i < outer.n; ++i) {
      const T* const row = from + i * outer.from;
      T* const row_to = to + i * outer.to;
      for (std::int64_t j = 0; j < inner.n; ++j) row_to[j * inner.to] = row[j * inner.from];
    }
    int a = axes.rank - 3;
    for (; a >= 0; --a) {
      const auto& axis = axes.axis[static_cast<std::size_t>(a)];
      std::int64_t& step = at[static_cast<std::size_t>(a)];
      from += axis.from;
      to += axis.to;
      if (++step < axis.n) break;
      from -= step * axis.from;
      to -= step * axis.to;
      step = 0;
    }
    if (a < 0) return;
  }
}

}  // namespace grok::ops
