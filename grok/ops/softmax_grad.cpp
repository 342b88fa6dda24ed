#include "grok/graph/graph.h"
#include "grok/kernels/softmax.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// y * (dy - sum(y * dy)): softmax's gradient from its output y and the gradient dy of that output.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes&) {
  require_same(in, "softmax_grad");
  return in[0];
}

void forward(const OpCall& call) noexcept {
  softmax_rows_grad(call.floats(0), call.floats(1), call.output.shape[-1], call.out(), call.pool);
}

void reference(const ReferenceCall& call) {
  const auto n = usize(call.output.shape[-1]);
  const auto& y = call.reals[0]->data;
  const auto& dy = call.reals[1]->data;
  for (std::size_t row = 0; row < y.size(); row += n) {
    double dot = 0;
    for (std::size_t j = 0; j < n; ++j) dot += y[row + j] * dy[row + j];
    for (std::size_t j = 0; j < n; ++j)
      call.output.data[row + j] = y[row + j] * (dy[row + j] - dot);
  }
}

double flops(Types, const TensorType& out, const Attributes&) {
  return 4.0 * static_cast<double>(out.shape.n_elements());
}

std::vector<OpExample> examples() {
  return {{{{{5, 2, 1, 3}}, {{5, 2, 1, 3}}}, {}}, {{{{7, 85}}, {{7, 85}}}, {}}};
}

}  // namespace

const OpDef& softmax_grad() {
  static constexpr OpDef def{.name = "softmax_grad",
                             .meaning = "y * (dy - sum(y * dy)) along the last axis",
                             .min_inputs = 2,
                             .max_inputs = 2,
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .source_axes = same_axis_but_last,
                             .flops = flops,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
