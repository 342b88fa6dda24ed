#include "grok/ops/squared_error.h"

#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"

// Per row: the mean of (prediction - target)^2 over the columns, as float64. Targets are given, or
// are the one-hot row of a label.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes& a) {
  require_predictions_and_targets(in, a, "squared_error");
  return {{in[0].shape[0]}, DType::f64};
}

void forward(const OpCall& call) noexcept {
  const std::int64_t n = call.shape(0)[1];
  if (call.inputs[1].dtype == DType::i32)
    grok::squared_error(call.floats(0), n, call.tokens(1), call.out_doubles(), call.pool,
                        label_row(call.attributes));
  else
    grok::squared_error(call.floats(0), n, call.floats(1), call.out_doubles(), call.pool);
}

void reference(const ReferenceCall& call) {
  const auto n = static_cast<double>(call.reals[0]->shape[1]);
  for_plain_errors(call, [&](std::size_t row, std::size_t, double error) {
    call.output.data[row] += error * error / n;
  });
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const std::vector<NodeId> in = g[node].inputs;
  const NodeId d = g.add(squared_error_grad(), {in[0], in[1], gradient}, g[node].attributes);
  if (g[in[1]].type.dtype == DType::i32) return {d, no_node};
  return {d, g.add(scale(), {d}, {{"factor", -1.0}})};
}

std::vector<OpExample> examples() {
  return {{{{{7, 17}}, {{7}, DType::i32}}, {}, 17},
          {{{{7, 17}}, {{7}, DType::i32}}, {{"centred", 1}}, 17},
          {{{{7, 17}}, {{7, 17}}}, {}},
          {{{{1, 1}}, {{1, 1}}}, {}},
          {{{{700, 114}}, {{700}, DType::i32}}, {}, 113},
          {{{{700, 114}}, {{700, 114}}}, {}}};
}

}  // namespace

const OpDef& squared_error() {
  static constexpr OpDef def{
      .name = "squared_error",
      .meaning = "mean of (prediction - target)^2 of each row; a label stands for its one-hot row",
      .min_inputs = 2,
      .max_inputs = 2,
      .infer = infer,
      .forward = forward,
      .reference = reference,
      .vjp = vjp,
      .source_axes = same_axis,
      .flops = squared_error_flops,
      .examples = examples};
  return def;
}

}  // namespace grok::ops
