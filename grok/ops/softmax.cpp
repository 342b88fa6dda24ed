#include "grok/kernels/softmax.h"

#include <algorithm>
#include <cmath>

#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"
#include "grok/ops/visible.h"

// exp(x) over its sum along the last axis. Scores become a pattern; with `visible`, that of queries
// [..., Tq, Tk] which see no more than so many keys.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes& a) {
  GROK_REQUIRE(visible_of(a) == 0 || in[0].shape.rank() > 1, "softmax given " + in[0].to_string());
  require_visible(a, in[0].shape[-1]);
  return in[0];
}

void forward(const OpCall& call) noexcept {
  softmax_rows(call.floats(0), call.output.shape[-1], call.out(), call.pool,
               rows_seen(call.attributes, call.output.shape));
}

void reference(const ReferenceCall& call) {
  const auto n = usize(call.output.shape[-1]);
  const auto& x = call.reals[0]->data;
  auto& out = call.output.data;
  const RowsSeen seen = rows_seen(call.attributes, call.output.shape);
  std::fill(out.begin(), out.end(), 0.0);
  for (std::size_t row = 0; row < x.size(); row += n) {
    const std::size_t n_seen = numbers_seen(seen, row / n, n);
    double largest = x[row];
    for (std::size_t j = 1; j < n_seen; ++j) largest = std::max(largest, x[row + j]);
    double sum = 0;
    for (std::size_t j = 0; j < n_seen; ++j) sum += std::exp(x[row + j] - largest);
    for (std::size_t j = 0; j < n_seen; ++j) out[row + j] = std::exp(x[row + j] - largest) / sum;
  }
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  return {g.add(softmax_grad(), {node, gradient}, g[node].attributes)};
}

double flops(Types, const TensorType& out, const Attributes& a) {
  return 5.0 * static_cast<double>(out.shape.n_elements()) * share_seen(a, out.shape);
}

std::vector<OpExample> examples() {
  return {{{{{5, 2, 1, 3}}}, {}},
          {{{{7, 85}}}, {}},
          {{{{3, 19, 21}}}, {{"visible", 3}}},
          {{{{11, 4, 5}}}, {{"visible", 2}}}};
}

}  // namespace

const OpDef& softmax() {
  static constexpr OpDef def{.name = "softmax",
                             .meaning = "exp(x) over its sum along the last axis",
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .vjp = vjp,
                             .source_axes = same_axis_seen,
                             .flops = flops,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
