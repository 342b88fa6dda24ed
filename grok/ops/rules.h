#pragma once
// What several ops share: checks of shapes, and the usual answers to "how do rows pass through".

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "grok/base/error.h"
#include "grok/graph/op.h"

namespace grok::ops {

using Types = std::span<const TensorType>;

/// Axes pass through unchanged, for each of the inputs: element-wise ops of equal shapes.
inline std::optional<std::vector<int>> same_axis(Types inputs, const TensorType&, const Attributes&,
                                                 int axis) {
  return std::vector<int>(inputs.size(), axis);
}

/// As `same_axis`, except that the last axis is mixed: softmax and its like.
inline std::optional<std::vector<int>> same_axis_but_last(Types inputs, const TensorType& output,
                                                          const Attributes&, int axis) {
  if (axis == output.shape.rank() - 1) return std::nullopt;
  return std::vector<int>(inputs.size(), axis);
}

/// Rows of a loss's gradient come from those of each input; classes are no rows.
inline std::optional<std::vector<int>> rows_alone(Types inputs, const TensorType&,
                                                  const Attributes&, int axis) {
  if (axis == 1) return std::nullopt;
  return std::vector<int>(inputs.size(), 0);
}

/// The output has the type of the first input.
inline TensorType same_as_first(Types inputs, const Attributes&) { return inputs[0]; }

inline void require_f32(const TensorType& type, std::string_view op) {
  GROK_REQUIRE(type.dtype == DType::f32, std::string(op) + " given " + type.to_string());
}

inline void require_same(Types inputs, std::string_view op) {
  for (const TensorType& t : inputs)
    GROK_REQUIRE(t == inputs[0],
                 std::string(op) + " given " + inputs[0].to_string() + " and " + t.to_string());
}

/// The output has the type of the first input, float32 or float64; the second may lack leading axes
/// of it if they are float32.
inline TensorType as_first_with_trailing_second(Types in, const Attributes&) {
  const Shape& a = in[0].shape;
  const Shape& b = in[1].shape;
  GROK_REQUIRE(in[0].dtype != DType::i32 && in[1].dtype == in[0].dtype && b.rank() <= a.rank() &&
                   a.slice(a.rank() - b.rank(), a.rank()) == b &&
                   (in[0].dtype == DType::f32 || a == b),
               in[0].to_string() + " and " + in[1].to_string() + ", which is not its end");
  return in[0];
}

inline std::optional<std::vector<int>> axes_of_trailing_second(Types in, const TensorType& out,
                                                               const Attributes&, int axis) {
  const int lacking = out.shape.rank() - in[1].shape.rank();
  return std::vector<int>{axis, axis < lacking ? -1 : axis - lacking};
}

/// True of an op on float64: scalars and rows of losses, so few that plain loops will do.
inline bool is_double(const OpCall& call) { return call.output.dtype == DType::f64; }

inline double one_flop_per_element(Types, const TensorType& output, const Attributes&) {
  return static_cast<double>(output.shape.n_elements());
}

inline std::size_t usize(std::int64_t n) { return static_cast<std::size_t>(n); }

}  // namespace grok::ops
