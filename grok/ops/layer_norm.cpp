#include "grok/ops/layer_norm.h"

#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"

// (x - mean) / sqrt(variance + eps) along the last axis; with centre = 0 x / sqrt(mean(x^2) + eps),
// which is RMSNorm. Gain and bias are ops of their own.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes& a) {
  require_norm_inputs(in, a, "layer_norm");
  return in[0];
}

void forward(const OpCall& call) noexcept {
  grok::layer_norm(call.floats(0), call.output.shape[-1], norm_of(call), call.out(), call.pool);
}

void reference(const ReferenceCall& call) {
  for_plain_rows(call, [&](std::size_t row, const PlainNorm& r) {
    for (std::size_t j = 0; j < r.centred.size(); ++j)
      call.output.data[row * r.centred.size() + j] = r.centred[j] / r.scale;
  });
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  return {g.add(layer_norm_grad(), {g[node].inputs[0], gradient}, g[node].attributes)};
}

std::vector<OpExample> examples() {
  return {{{{{5, 3, 17}}}, {{"eps", 1e-5}}},
          {{{{300, 128}}}, {{"eps", 1e-5}}},
          {{{{5, 3, 17}}}, {{"eps", 1e-5}, {"centre", 0}}},
          {{{{300, 128}}}, {{"eps", 1e-5}, {"centre", 0}}}};
}

}  // namespace

const OpDef& layer_norm() {
  static constexpr OpDef def{
      .name = "layer_norm",
      .meaning = "(x - mean) / sqrt(variance + eps) along the last axis, or RMSNorm",
      .infer = infer,
      .forward = forward,
      .reference = reference,
      .vjp = vjp,
      .source_axes = same_axis_but_last,
      .flops = layer_norm_flops,
      .examples = examples};
  return def;
}

}  // namespace grok::ops
