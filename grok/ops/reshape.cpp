#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// The same numbers under another shape. Never runs: the planner makes the output an alias.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes& a) {
  const Shape shape{std::span<const std::int64_t>(a.integers("shape"))};
  GROK_REQUIRE(shape.n_elements() == in[0].shape.n_elements(),
               "reshape of " + in[0].shape.to_string() + " to " + shape.to_string());
  return {shape, in[0].dtype};
}

void reference(const ReferenceCall& call) { call.output.data = call.reals[0]->data; }

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const Shape& shape = g.shape(g[node].inputs[0]);
  const auto dims = shape.dims();
  return {g.add(ops::reshape(), {gradient},
                {{"shape", std::vector<std::int64_t>(dims.begin(), dims.end())}})};
}

// An axis passes through where as many elements stand before it and it has the same size.
std::optional<std::vector<int>> source_axes(Types in, const TensorType& out, const Attributes&,
                                            int axis) {
  const std::int64_t before = out.shape.product(0, axis);
  for (int i = 0; i < in[0].shape.rank(); ++i)
    if (in[0].shape.product(0, i) == before && in[0].shape[i] == out.shape[axis])
      return std::vector<int>{i};
  return std::nullopt;
}

Attributes resized(const Attributes&, const Shape& output) {
  const auto dims = output.dims();
  return {{"shape", std::vector<std::int64_t>(dims.begin(), dims.end())}};
}

std::vector<OpExample> examples() {
  return {{{{{3, 10}}}, {{"shape", std::vector<std::int64_t>{3, 2, 5}}}},
          {{{{2, 3, 4}}}, {{"shape", std::vector<std::int64_t>{24}}}}};
}

}  // namespace

const OpDef& reshape() {
  static constexpr OpDef def{.name = "reshape",
                             .meaning = "the same numbers under another shape",
                             .infer = infer,
                             .reference = reference,
                             .vjp = vjp,
                             .source_axes = source_axes,
                             .resized = resized,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
