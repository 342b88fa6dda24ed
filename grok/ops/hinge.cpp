#include "grok/ops/hinge.h"

#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"

// Per row, as float64: max(0, margin - logit of the label + that of its nearest rival); with all=1
// the same of each rival, summed and divided by the number of classes.
namespace grok::ops {
namespace {

void forward(const OpCall& call) noexcept {
  grok::hinge(call.floats(0), call.shape(0)[1], call.tokens(1), hinge_of(call.attributes),
              call.out_doubles(), call.pool);
}

void reference(const ReferenceCall& call) {
  for_plain_rows(call, [&](std::size_t row, auto x, std::size_t label) {
    double& loss = call.output.data[row];
    loss = 0;
    for_plain_rivals(x, label, hinge_of(call.attributes),
                     [&](std::size_t, double excess, double weight) { loss += weight * excess; });
  });
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const std::vector<NodeId> in = g[node].inputs;
  return {g.add(hinge_grad(), {in[0], in[1], gradient}, g[node].attributes), no_node};
}

std::vector<OpExample> examples() { return hinge_examples(false); }

}  // namespace

const OpDef& hinge() {
  static constexpr OpDef def{
      .name = "hinge",
      .meaning = "what the label lacks of being ahead of its rivals by a margin, in each row",
      .min_inputs = 2,
      .max_inputs = 2,
      .infer = infer_label_loss,
      .forward = forward,
      .reference = reference,
      .vjp = vjp,
      .source_axes = same_axis,
      .flops = label_loss_flops,
      .examples = examples};
  return def;
}

}  // namespace grok::ops
