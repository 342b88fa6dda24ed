#include "grok/kernels/softmax.h"

#include <algorithm>
#include <cmath>

#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// exp(x) over its sum along the last axis. Scores become a pattern.
namespace grok::ops {
namespace {

void forward(const OpCall& call) noexcept {
  softmax_rows(call.floats(0), call.output.shape[-1], call.out(), call.pool);
}

void reference(const ReferenceCall& call) {
  const auto n = usize(call.output.shape[-1]);
  const auto& x = call.reals[0]->data;
  auto& out = call.output.data;
  for (std::size_t row = 0; row < x.size(); row += n) {
    double largest = x[row];
    for (std::size_t j = 1; j < n; ++j) largest = std::max(largest, x[row + j]);
    double sum = 0;
    for (std::size_t j = 0; j < n; ++j) sum += std::exp(x[row + j] - largest);
    for (std::size_t j = 0; j < n; ++j) out[row + j] = std::exp(x[row + j] - largest) / sum;
  }
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  return {g.add(softmax_grad(), {node, gradient})};
}

double flops(Types, const TensorType& out, const Attributes&) {
  return 5.0 * static_cast<double>(out.shape.n_elements());
}

std::vector<OpExample> examples() { return {{{{{5, 2, 1, 3}}}, {}}, {{{{7, 85}}}, {}}}; }

}  // namespace

const OpDef& softmax() {
  static constexpr OpDef def{.name = "softmax",
                             .meaning = "exp(x) over its sum along the last axis",
                             .infer = same_as_first,
                             .forward = forward,
                             .reference = reference,
                             .vjp = vjp,
                             .source_axes = same_axis_but_last,
                             .flops = flops,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
