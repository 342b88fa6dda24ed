#pragma once
// The loops behind permute, slice and pad: a copy whose input has any strides.

#include <array>

#include "grok/base/shape.h"
#include "grok/graph/op.h"

namespace grok::ops {

/// out[i0, i1, ...] = in[offset + i0 * strides[0] + i1 * strides[1] + ...], for all of `shape`.
///   strides  one per axis, in elements
///   cost     one read and one write per element; rows with stride 1 are copied whole
template <class T>
void strided_copy(const T* in, std::span<const std::int64_t> strides, T* out, const Shape& shape) {
  const int rank = shape.rank();
  if (rank == 0) {
    *out = *in;
    return;
  }
  if (shape.n_elements() == 0) return;
  std::array<std::int64_t, Shape::max_rank> at{};
  const std::int64_t n = shape[rank - 1];
  const std::int64_t inner = strides[static_cast<std::size_t>(rank - 1)];
  while (true) {
    const T* row = in;
    for (int i = 0; i + 1 < rank; ++i)
      row += at[static_cast<std::size_t>(i)] * strides[static_cast<std::size_t>(i)];
    for (std::int64_t j = 0; j < n; ++j) out[j] = row[j * inner];
    out += n;
    int axis = rank - 2;
    while (axis >= 0 && ++at[static_cast<std::size_t>(axis)] == shape[axis]) {
      at[static_cast<std::size_t>(axis)] = 0;
      --axis;
    }
    if (axis < 0) return;
  }
}

/// The strides of a row-major array of this shape.
inline std::vector<std::int64_t> strides_of(const Shape& shape) {
  std::vector<std::int64_t> strides(static_cast<std::size_t>(shape.rank()));
  for (int i = 0; i < shape.rank(); ++i)
    strides[static_cast<std::size_t>(i)] = shape.product(i + 1, shape.rank());
  return strides;
}

}  // namespace grok::ops
