#include "grok/graph/graph.h"
#include "grok/kernels/elementwise.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// a * b, where b may lack leading axes: a gain over rows, [batch, pos, d] * [d]. Of float32 or of
// float64.
namespace grok::ops {
namespace {

void forward(const OpCall& call) noexcept {
  if (is_double(call)) {
    const Doubles a = call.doubles(0), b = call.doubles(1);
    for (std::size_t i = 0; i < a.size(); ++i) call.out_doubles()[i] = a[i] * b[i];
    return;
  }
  multiply_rows(call.floats(0), call.floats(1), call.out(), call.pool);
}

void reference(const ReferenceCall& call) {
  const auto& a = call.reals[0]->data;
  const auto& b = call.reals[1]->data;
  for (std::size_t i = 0; i < a.size(); ++i) call.output.data[i] = a[i] * b[i % b.size()];
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const NodeId a = g[node].inputs[0];
  const NodeId b = g[node].inputs[1];
  const int lacking = g.shape(a).rank() - g.shape(b).rank();
  const NodeId da = g.add(multiply(), {gradient, b});
  const NodeId each = g.add(multiply(), {gradient, a});
  const NodeId db = lacking == 0 ? each : g.add(sum_leading(), {each}, {{"n_axes", lacking}});
  return {da, db};
}

std::vector<OpExample> examples() {
  return {{{{{3, 17}}, {{3, 17}}}, {}},
          {{{{5, 3, 16}}, {{3, 16}}}, {}},
          {{{{7, 113}}, {{113}}}, {}},
          {{{{101}, DType::f64}, {{101}, DType::f64}}, {}}};
}

}  // namespace

const OpDef& multiply() {
  static constexpr OpDef def{.name = "multiply",
                             .meaning = "a * b; b may lack leading axes",
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
