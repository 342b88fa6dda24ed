#include <algorithm>

#include "grok/graph/graph.h"
#include "grok/kernels/rows.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// Sums of rows with the same index, in the order of the rows: the gradient of gather_rows.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes& a) {
  const Shape& index = in[1].shape;
  GROK_REQUIRE(in[1].dtype == DType::i32 && index.rank() <= in[0].shape.rank() &&
                   in[0].shape.slice(0, index.rank()) == index,
               "scatter_rows given " + in[0].to_string() + " and " + in[1].to_string());
  const Shape rest = in[0].shape.slice(index.rank(), in[0].shape.rank());
  return {Shape{a.integer("n_rows")}.concat(rest), DType::f32};
}

void forward(const OpCall& call) noexcept {
  const std::int64_t d = call.output.shape.product(1, call.output.shape.rank());
  scatter_add_rows(call.floats(0), call.tokens(1), d, call.out(), call.pool);
}

void reference(const ReferenceCall& call) {
  auto& out = call.output.data;
  std::fill(out.begin(), out.end(), 0.0);
  const auto d = usize(call.output.shape.product(1, call.output.shape.rank()));
  const auto& index = call.tokens[1]->data;
  for (std::size_t i = 0; i < index.size(); ++i)
    for (std::size_t j = 0; j < d; ++j)
      out[usize(index[i]) * d + j] += call.reals[0]->data[i * d + j];
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const NodeId index = g[node].inputs[1];
  return {g.add(gather_rows(), {gradient, index}), no_node};
}

std::optional<std::vector<int>> source_axes(Types in, const TensorType&, const Attributes&,
                                            int axis) {
  if (axis == 0) return std::nullopt;
  return std::vector<int>{axis - 1 + in[1].shape.rank(), -1};
}

double flops(Types in, const TensorType&, const Attributes&) {
  return static_cast<double>(in[0].shape.n_elements());
}

std::vector<OpExample> examples() {
  return {{{{{3, 2, 17}}, {{3, 2}, DType::i32}}, {{"n_rows", 7}}, 7},
          {{{{300, 5}}, {{300}, DType::i32}}, {{"n_rows", 4}}, 4}};
}

}  // namespace

const OpDef& scatter_rows() {
  static constexpr OpDef def{.name = "scatter_rows",
                             .meaning = "sums of rows with the same index",
                             .min_inputs = 2,
                             .max_inputs = 2,
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .vjp = vjp,
                             .source_axes = source_axes,
                             .flops = flops,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
