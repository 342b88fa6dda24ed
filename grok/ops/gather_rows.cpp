#include <algorithm>

#include "grok/graph/graph.h"
#include "grok/kernels/rows.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// table[index]: one row of the table [n_rows, ...] for each entry of the index. An embedding.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes&) {
  GROK_REQUIRE(in[1].dtype == DType::i32 && in[0].shape.rank() >= 1,
               "gather_rows given " + in[0].to_string() + " and " + in[1].to_string());
  return {in[1].shape.concat(in[0].shape.slice(1, in[0].shape.rank())), in[0].dtype};
}

void forward(const OpCall& call) noexcept {
  const std::int64_t d = call.shape(0).product(1, call.shape(0).rank());
  gather_rows(call.floats(0), call.tokens(1), d, call.out(), call.pool);
}

void reference(const ReferenceCall& call) {
  const auto& table = *call.reals[0];
  const auto d = usize(table.shape.product(1, table.shape.rank()));
  const auto& index = call.tokens[1]->data;
  for (std::size_t i = 0; i < index.size(); ++i)
    for (std::size_t j = 0; j < d; ++j)
      call.output.data[i * d + j] = table.data[usize(index[i]) * d + j];
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const Node& n = g[node];
  const NodeId index = n.inputs[1];
  const std::int64_t n_rows = g.shape(n.inputs[0])[0];
  return {g.add(scatter_rows(), {gradient, index}, {{"n_rows", n_rows}}), no_node};
}

// Rows of the output are rows of the index; the axes behind are the table's.
std::optional<std::vector<int>> source_axes(Types in, const TensorType&, const Attributes&,
                                            int axis) {
  const int n_index = in[1].shape.rank();
  if (axis < n_index) return std::vector<int>{-1, axis};
  return std::vector<int>{axis - n_index + 1, -1};
}

std::vector<OpExample> examples() {
  return {{{{{7, 17}}, {{3, 2}, DType::i32}}, {}, 7}, {{{{5, 2, 3}}, {{11}, DType::i32}}, {}, 5}};
}

}  // namespace

const OpDef& gather_rows() {
  static constexpr OpDef def{.name = "gather_rows",
                             .meaning = "table[index], row by row",
                             .min_inputs = 2,
                             .max_inputs = 2,
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .vjp = vjp,
                             .source_axes = source_axes,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
