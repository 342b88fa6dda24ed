#include "grok/kernels/cross_entropy.h"

#include <algorithm>
#include <cmath>

#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// Mean over rows of log(sum(exp(logits))) - logit of the label, in nats, computed in float64.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes&) {
  require_f32(in[0], "cross_entropy");
  GROK_REQUIRE(in[0].shape.rank() == 2 && in[1] == (TensorType{{in[0].shape[0]}, DType::i32}),
               "cross_entropy given " + in[0].to_string() + " and " + in[1].to_string());
  return {{}, DType::f64};
}

void forward(const OpCall& call) noexcept {
  const std::int64_t n = call.shape(0)[1];
  const LogitsOf<float> logits{call.floats(0).data(), call.shape(0)[0], n, n};
  call.out_scalar() = cross_entropy(logits, call.tokens(1), {}, call.pool);
}

void reference(const ReferenceCall& call) {
  const auto& logits = *call.reals[0];
  const auto n = usize(logits.shape[1]);
  double sum = 0;
  for (std::size_t row = 0; row < usize(logits.shape[0]); ++row) {
    const double* const x = logits.data.data() + row * n;
    const double largest = *std::max_element(x, x + n);
    double total = 0;
    for (std::size_t j = 0; j < n; ++j) total += std::exp(x[j] - largest);
    sum += largest + std::log(total) - x[usize(call.tokens[1]->data[row])];
  }
  call.output.data[0] = sum / static_cast<double>(logits.shape[0]);
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const NodeId logits = g[node].inputs[0];
  const NodeId labels = g[node].inputs[1];
  return {g.add(cross_entropy_grad(), {logits, labels, gradient}), no_node};
}

double flops(Types in, const TensorType&, const Attributes&) {
  return 3.0 * static_cast<double>(in[0].shape.n_elements());
}

std::vector<OpExample> examples() {
  return {{{{{7, 17}}, {{7}, DType::i32}}, {}, 17}, {{{{300, 114}}, {{300}, DType::i32}}, {}, 113}};
}

}  // namespace

const OpDef& cross_entropy() {
  static constexpr OpDef def{.name = "cross_entropy",
                             .meaning = "mean of -log softmax(logits)[label], in float64",
                             .min_inputs = 2,
                             .max_inputs = 2,
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .vjp = vjp,
                             .flops = flops,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
