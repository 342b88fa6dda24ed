#include "grok/graph/graph.h"
#include "grok/kernels/softmax.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"
#include "grok/ops/visible.h"

// y * (dy - sum(y * dy)): softmax's gradient from its output y and the gradient dy of that output.
// With `visible` as softmax, y is taken for 0 where nothing is seen.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes& a) {
  require_same(in, "softmax_grad");
  require_visible(a, in[0].shape[-1]);
  return in[0];
}

void forward(const OpCall& call) noexcept {
  softmax_rows_grad(call.floats(0), call.floats(1), call.output.shape[-1], call.out(), call.pool,
                    rows_seen(call.attributes, call.output.shape));
}

void reference(const ReferenceCall& call) {
  const auto n = usize(call.output.shape[-1]);
  const auto& y = call.reals[0]->data;
  const auto& dy = call.reals[1]->data;
  const RowsSeen seen = rows_seen(call.attributes, call.output.shape);
  std::fill(call.output.data.begin(), call.output.data.end(), 0.0);
  for (std::size_t row = 0; row < y.size(); row += n) {
    const std::size_t n_seen = numbers_seen(seen, row / n, n);
    double dot = 0;
    for (std::size_t j = 0; j < n_seen; ++j) dot += y[row + j] * dy[row + j];
    for (std::size_t j = 0; j < n_seen; ++j)
      call.output.data[row + j] = y[row + j] * (dy[row + j] - dot);
  }
}

double flops(Types, const TensorType& out, const Attributes& a) {
  return 4.0 * static_cast<double>(out.shape.n_elements()) * share_seen(a, out.shape);
}

std::vector<OpExample> examples() {
  return {{{{{5, 2, 1, 3}}, {{5, 2, 1, 3}}}, {}},
          {{{{7, 85}}, {{7, 85}}}, {}},
          {{{{3, 19, 21}}, {{3, 19, 21}}}, {{"visible", 3}}},
          {{{{11, 4, 5}}, {{11, 4, 5}}}, {{"visible", 2}}}};
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
                             .source_axes = same_axis_seen,
                             .flops = flops,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
