#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// a / b, element by element, of float64: a share of a sum. b must not be 0; what comes out else is
// no number.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes&) {
  GROK_REQUIRE(in[0].dtype == DType::f64, in[0].to_string());
  require_same(in, "divide");
  return in[0];
}

void forward(const OpCall& call) noexcept {
  const Doubles a = call.doubles(0), b = call.doubles(1);
  for (std::size_t i = 0; i < a.size(); ++i) call.out_doubles()[i] = a[i] / b[i];
}

void reference(const ReferenceCall& call) {
  for (std::size_t i = 0; i < call.output.data.size(); ++i)
    call.output.data[i] = call.reals[0]->data[i] / call.reals[1]->data[i];
}

// y = a / b: dy/da = 1 / b, dy/db = -y / b.
std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const NodeId b = g[node].inputs[1];
  const NodeId da = g.add(divide(), {gradient, b});
  return {da, g.add(scale(), {g.add(multiply(), {da, node})}, {{"factor", -1.0}})};
}

// Few: by a number near 0 a quotient bends too much for differences to follow.
std::vector<OpExample> examples() {
  return {{{{{}, DType::f64}, {{}, DType::f64}}, {}}, {{{{3}, DType::f64}, {{3}, DType::f64}}, {}}};
}

}  // namespace

const OpDef& divide() {
  static constexpr OpDef def{.name = "divide",
                             .meaning = "a / b, of float64",
                             .min_inputs = 2,
                             .max_inputs = 2,
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .vjp = vjp,
                             .source_axes = same_axis,
                             .flops = one_flop_per_element,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
