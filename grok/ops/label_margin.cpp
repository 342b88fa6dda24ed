#include "grok/graph/graph.h"
#include "grok/kernels/margins.h"
#include "grok/ops/catalog.h"
#include "grok/ops/label_loss.h"

// Per row: the label's logit less the mean of all, as float64.
namespace grok::ops {
namespace {

void forward(const OpCall& call) noexcept {
  grok::label_margin(call.floats(0), call.shape(0)[1], call.tokens(1), call.out_doubles(),
                     call.pool);
}

void reference(const ReferenceCall& call) {
  for_plain_rows(call, [&](std::size_t row, auto x, std::size_t label) {
    double sum = 0;
    for (const double v : x) sum += v;
    call.output.data[row] = x[label] - sum / static_cast<double>(x.size());
  });
}

// A linear map: the logits themselves do not enter.
std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const std::vector<NodeId> in = g[node].inputs;
  const std::int64_t n = g.shape(in[0])[1];
  return {g.add(label_margin_grad(), {in[1], gradient}, {{"n", n}}), no_node};
}

std::vector<OpExample> examples() { return label_loss_examples(false, {}); }

}  // namespace

const OpDef& label_margin() {
  static constexpr OpDef def{.name = "label_margin",
                             .meaning = "the label's logit less the mean of all, of each row",
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
