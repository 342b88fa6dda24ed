#include "grok/graph/graph.h"
#include "grok/kernels/elementwise.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// factor * x, of float32 or of float64.
namespace grok::ops {
namespace {

void forward(const OpCall& call) noexcept {
  const double factor = call.attributes.real("factor");
  if (is_double(call)) {
    const Doubles x = call.doubles(0);
    for (std::size_t i = 0; i < x.size(); ++i) call.out_doubles()[i] = factor * x[i];
    return;
  }
  scale(call.floats(0), static_cast<float>(factor), call.out(), call.pool);
}

void reference(const ReferenceCall& call) {
  for (std::size_t i = 0; i < call.output.data.size(); ++i)
    call.output.data[i] = call.attributes.real("factor") * call.reals[0]->data[i];
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  return {g.add(ops::scale(), {gradient}, g[node].attributes)};
}

std::vector<OpExample> examples() {
  return {{{{{3, 17}}}, {{"factor", -0.375}}}, {{{{101}, DType::f64}}, {{"factor", -0.375}}}};
}

}  // namespace

const OpDef& scale() {
  static constexpr OpDef def{.name = "scale",
                             .meaning = "factor * x",
                             .infer = same_as_first,
                             .forward = forward,
                             .reference = reference,
                             .vjp = vjp,
                             .source_axes = same_axis,
                             .flops = one_flop_per_element,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
