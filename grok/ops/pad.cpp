#include <algorithm>

#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"
#include "grok/ops/strided_copy.h"

// Zeros before and after along one axis: the gradient of a slice.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes& a) {
  const auto axis = static_cast<int>(a.integer("axis"));
  const std::int64_t before = a.integer("before");
  const std::int64_t after = a.integer("after");
  GROK_REQUIRE(before >= 0 && after >= 0, a.to_string());
  return {in[0].shape.with(axis, before + in[0].shape[axis] + after), in[0].dtype};
}

template <class T>
void padded(const T* in, const Shape& from, const Attributes& a, T* out, const Shape& shape) {
  const auto axis = static_cast<int>(a.integer("axis"));
  const Strides strides = strides_of(shape);
  std::fill(out, out + shape.n_elements(), T{0});
  strided_copy(from, in, strides_of(from), out + a.integer("before") * strides[usize(axis)],
               strides);
}

void forward(const OpCall& call) noexcept {
  if (call.output.dtype == DType::f64)
    padded(call.doubles(0).data(), call.shape(0), call.attributes, call.out_doubles().data(),
           call.output.shape);
  else
    padded(call.floats(0).data(), call.shape(0), call.attributes, call.out().data(),
           call.output.shape);
}

void reference(const ReferenceCall& call) {
  padded(call.reals[0]->data.data(), call.reals[0]->shape, call.attributes, call.output.data.data(),
         call.output.shape);
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const Attributes& a = g[node].attributes;
  const std::int64_t size = g.shape(node)[static_cast<int>(a.integer("axis"))];
  return {g.add(slice(), {gradient},
                {{"axis", a.integer("axis")},
                 {"begin", a.integer("before")},
                 {"end", size - a.integer("after")}})};
}

std::optional<std::vector<int>> source_axes(Types, const TensorType&, const Attributes& a,
                                            int axis) {
  if (axis == a.integer("axis")) return std::nullopt;
  return std::vector<int>{axis};
}

std::vector<OpExample> examples() {
  return {{{{{4, 1, 5}}}, {{"axis", 1}, {"before", 2}, {"after", 0}}},
          {{{{16}}}, {{"axis", 0}, {"before", 0}, {"after", 1}}},
          {{{{3, 2}, DType::f64}}, {{"axis", 0}, {"before", 1}, {"after", 2}}}};
}

}  // namespace

const OpDef& pad() {
  static constexpr OpDef def{.name = "pad",
                             .meaning = "zeros before and after along one axis",
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .vjp = vjp,
                             .source_axes = source_axes,
                             .numbers_axes = true,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
