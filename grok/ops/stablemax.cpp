#include "grok/ops/stablemax.h"

#include <cmath>

#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"

// Per row: log(sum of s(logits)) - log(s(logit of the label)), in nats, as float64, where s(x) is
// x + 1 for x >= 0 and 1 / (1 - x) below.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes& a) {
  arithmetic_of(a);
  return infer_label_loss(in, a);
}

void forward(const OpCall& call) noexcept {
  grok::stablemax(call.floats(0), call.shape(0)[1], call.tokens(1), arithmetic_of(call.attributes),
                  call.out_doubles(), call.pool);
}

void reference(const ReferenceCall& call) {
  for_plain_rows(call, [&](std::size_t row, auto x, std::size_t label) {
    double sum = 0;
    for (const double v : x) sum += plain_s(v);
    call.output.data[row] = std::log(sum / plain_s(x[label]));
  });
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const std::vector<NodeId> in = g[node].inputs;
  return {g.add(stablemax_grad(), {in[0], in[1], gradient}, g[node].attributes), no_node};
}

std::vector<OpExample> examples() { return stablemax_examples(false); }

}  // namespace

const OpDef& stablemax() {
  static constexpr OpDef def{
      .name = "stablemax",
      .meaning = "-log of the label's share of s(logits), s(x) = x + 1 or, below 0, 1 / (1 - x)",
      .min_inputs = 2,
      .max_inputs = 2,
      .infer = infer,
      .forward = forward,
      .reference = reference,
      .vjp = vjp,
      .source_axes = same_axis,
      .flops = label_loss_flops,
      .examples = examples};
  return def;
}

}  // namespace grok::ops
