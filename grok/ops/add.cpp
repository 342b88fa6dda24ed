#include "grok/graph/graph.h"
#include "grok/kernels/elementwise.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// a + b, where b may lack leading axes: [rows, n] + [n], [batch, pos, d] + [pos, d]. Of float32, or
// of float64: losses and their parts.
namespace grok::ops {
namespace {

void forward(const OpCall& call) noexcept {
  if (is_double(call)) {
    const Doubles a = call.doubles(0), b = call.doubles(1);
    for (std::size_t i = 0; i < a.size(); ++i) call.out_doubles()[i] = a[i] + b[i];
    return;
  }
  add_rows(call.floats(0), call.floats(1), call.out(), call.pool);
}

void reference(const ReferenceCall& call) {
  const auto& a = call.reals[0]->data;
  const auto& b = call.reals[1]->data;
  for (std::size_t i = 0; i < a.size(); ++i) call.output.data[i] = a[i] + b[i % b.size()];
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const int lacking = g.shape(node).rank() - g.shape(g[node].inputs[1]).rank();
  const NodeId db =
      lacking == 0 ? gradient : g.add(sum_leading(), {gradient}, {{"n_axes", lacking}});
  return {gradient, db};
}

std::vector<OpExample> examples() {
  return {{{{{3, 17}}, {{3, 17}}}, {}},
          {{{{5, 3, 16}}, {{3, 16}}}, {}},
          {{{{7, 113}}, {{113}}}, {}},
          {{{{101}, DType::f64}, {{101}, DType::f64}}, {}}};
}

}  // namespace

const OpDef& add() {
  static constexpr OpDef def{.name = "add",
                             .meaning = "a + b; b may lack leading axes",
                             .min_inputs = 2,
                             .max_inputs = 2,
                             .infer = as_first_with_trailing_second,
                             .forward = forward,
                             .reference = reference,
                             .vjp = vjp,
                             .source_axes = axes_of_trailing_second,
                             .flops = one_flop_per_element,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
