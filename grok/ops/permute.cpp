#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"
#include "grok/ops/strided_copy.h"

// Axes in another order: output axis i is input axis axes[i], as torch.permute.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes& a) {
  const auto& axes = a.integers("axes");
  GROK_REQUIRE(static_cast<int>(axes.size()) == in[0].shape.rank(), in[0].to_string());
  std::vector<bool> seen(axes.size());
  Shape shape = in[0].shape;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto from = static_cast<int>(axes[i]);
    shape = shape.with(static_cast<int>(i), in[0].shape[from]);
    GROK_REQUIRE(!seen[usize(from)], "axis twice in " + a.to_string());
    seen[usize(from)] = true;
  }
  return {shape, in[0].dtype};
}

template <class T>
void permuted(const T* in, const Shape& from, const Attributes& a, T* out, const Shape& shape) {
  Strides strides{};
  const auto& axes = a.integers("axes");
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<int>(axes[i]);
    strides[i] = from.product(axis + 1, from.rank());
  }
  strided_copy(shape, in, strides, out, strides_of(shape));
}

void forward(const OpCall& call) noexcept {
  permuted(call.floats(0).data(), call.shape(0), call.attributes, call.out().data(),
           call.output.shape);
}

void reference(const ReferenceCall& call) {
  permuted(call.reals[0]->data.data(), call.reals[0]->shape, call.attributes,
           call.output.data.data(), call.output.shape);
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const auto axes = g[node].attributes.integers("axes");
  std::vector<std::int64_t> inverse(axes.size());
  for (std::size_t i = 0; i < axes.size(); ++i)
    inverse[usize(axes[i])] = static_cast<std::int64_t>(i);
  return {g.add(permute(), {gradient}, {{"axes", inverse}})};
}

std::optional<std::vector<int>> source_axes(Types, const TensorType&, const Attributes& a,
                                            int axis) {
  return std::vector<int>{static_cast<int>(a.integers("axes")[usize(axis)])};
}

std::vector<OpExample> examples() {
  return {{{{{3, 5}}}, {{"axes", std::vector<std::int64_t>{1, 0}}}},
          {{{{4, 3, 5}}}, {{"axes", std::vector<std::int64_t>{1, 0, 2}}}},
          {{{{2, 3, 4, 5}}}, {{"axes", std::vector<std::int64_t>{2, 0, 3, 1}}}}};
}

}  // namespace

const OpDef& permute() {
  static constexpr OpDef def{.name = "permute",
                             .meaning = "axes in another order",
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
