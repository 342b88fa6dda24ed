#include "grok/graph/graph.h"
#include "grok/kernels/elementwise.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// dy where y > 0, else 0: relu's gradient from its output y and the gradient dy of that output.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes&) {
  require_same(in, "relu_grad");
  return in[0];
}

void forward(const OpCall& call) noexcept {
  relu_grad(call.floats(0), call.floats(1), call.out(), call.pool);
}

void reference(const ReferenceCall& call) {
  for (std::size_t i = 0; i < call.output.data.size(); ++i)
    call.output.data[i] = call.reals[0]->data[i] > 0 ? call.reals[1]->data[i] : 0;
}

std::vector<OpExample> examples() { return {{{{{3, 17}}, {{3, 17}}}, {}}}; }

}  // namespace

const OpDef& relu_grad() {
  static constexpr OpDef def{.name = "relu_grad",
                             .meaning = "dy where y > 0, else 0",
                             .min_inputs = 2,
                             .max_inputs = 2,
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .source_axes = same_axis,
                             .flops = one_flop_per_element,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
