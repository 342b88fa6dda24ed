#include "grok/graph/graph.h"
#include "grok/kernels/elementwise.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// max(x, 0). Its gradient reads the output, so that the input's memory is free.
namespace grok::ops {
namespace {

void forward(const OpCall& call) noexcept { relu(call.floats(0), call.out(), call.pool); }

void reference(const ReferenceCall& call) {
  for (std::size_t i = 0; i < call.output.data.size(); ++i) {
    const double x = call.reals[0]->data[i];
    call.output.data[i] = x < 0 ? 0 : x;  // NaN stays NaN
  }
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  return {g.add(relu_grad(), {node, gradient})};
}

std::vector<OpExample> examples() { return {{{{{3, 17}}}, {}}, {{{{5, 2, 64}}}, {}}}; }

}  // namespace

const OpDef& relu() {
  static constexpr OpDef def{.name = "relu",
                             .meaning = "max(x, 0)",
                             .infer = same_as_first,
                             .forward = forward,
                             .reference = reference,
                             .vjp = vjp,
                             .source_axes = same_axis,
                             .flops = one_flop_per_element,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
