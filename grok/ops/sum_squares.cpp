#include "grok/kernels/sum_squares.h"

#include "grok/graph/graph.h"
#include "grok/kernels/inner_products.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// The sum of x^2 over a whole tensor, as a float64 scalar: what a penalty is made of.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes&) {
  require_f32(in[0], "sum_squares");
  return {{}, DType::f64};
}

void forward(const OpCall& call) noexcept {
  call.out_scalar() = sum_of_squares(call.floats(0), call.pool);
}

void reference(const ReferenceCall& call) {
  double sum = 0;
  for (const double x : call.reals[0]->data) sum += x * x;
  call.output.data[0] = sum;
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  return {g.add(sum_squares_grad(), {g[node].inputs[0], gradient})};
}

double flops(Types in, const TensorType&, const Attributes&) {
  return 2.0 * static_cast<double>(in[0].shape.n_elements());
}

std::vector<OpExample> examples() {
  return {{{{{1}}}, {}}, {{{{7, 17}}}, {}}, {{{{700, 114}}}, {}}};
}

}  // namespace

const OpDef& sum_squares() {
  static constexpr OpDef def{.name = "sum_squares",
                             .meaning = "sum of x^2 over all elements",
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .vjp = vjp,
                             .flops = flops,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
