#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"
#include "grok/ops/stablemax.h"

// Per row: d_loss * s'(logits) * (1 / sum of s - one-hot(label) / s), rounded once; inputs logits,
// labels, d_loss.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes& a) {
  arithmetic_of(a);
  return infer_label_loss_grad(in, a);
}

void forward(const OpCall& call) noexcept {
  grok::stablemax_grad(call.floats(0), call.shape(0)[1], call.tokens(1), call.doubles(2),
                       arithmetic_of(call.attributes), call.out(), call.pool);
}

void reference(const ReferenceCall& call) {
  for_plain_rows(call, [&](std::size_t row, auto x, std::size_t label) {
    double sum = 0;
    for (const double v : x) sum += plain_s(v);
    for (std::size_t j = 0; j < x.size(); ++j) {
      const double s = plain_s(x[j]);
      const double slope = x[j] < 0 ? s * s : 1;
      call.output.data[row * x.size() + j] =
          call.reals[2]->data[row] * slope * (1 / sum - (j == label ? 1 / s : 0));
    }
  });
}

std::vector<OpExample> examples() { return stablemax_examples(true); }

}  // namespace

const OpDef& stablemax_grad() {
  static constexpr OpDef def{.name = "stablemax_grad",
                             .meaning = "d_loss times the gradient of stablemax, per row",
                             .min_inputs = 3,
                             .max_inputs = 3,
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .source_axes = rows_alone,
                             .flops = label_loss_flops,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
