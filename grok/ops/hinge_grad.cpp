#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"
#include "grok/ops/hinge.h"

// Per row: d_loss at each rival that costs, and minus their sum at the label; inputs logits,
// labels, d_loss.
namespace grok::ops {
namespace {

void forward(const OpCall& call) noexcept {
  grok::hinge_grad(call.floats(0), call.shape(0)[1], call.tokens(1), call.doubles(2),
                   hinge_of(call.attributes), call.out(), call.pool);
}

void reference(const ReferenceCall& call) {
  std::fill(call.output.data.begin(), call.output.data.end(), 0.0);
  for_plain_rows(call, [&](std::size_t row, auto x, std::size_t label) {
    double* const out = &call.output.data[row * x.size()];
    for_plain_rivals(x, label, hinge_of(call.attributes),
                     [&](std::size_t rival, double, double weight) {
                       out[rival] += weight * call.reals[2]->data[row];
                       out[label] -= weight * call.reals[2]->data[row];
                     });
  });
}

std::vector<OpExample> examples() { return hinge_examples(true); }

}  // namespace

const OpDef& hinge_grad() {
  static constexpr OpDef def{.name = "hinge_grad",
                             .meaning = "d_loss times the gradient of hinge, per row",
                             .min_inputs = 3,
                             .max_inputs = 3,
                             .infer = infer_label_loss_grad,
                             .forward = forward,
                             .reference = reference,
                             .source_axes = rows_alone,
                             .flops = label_loss_flops,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
