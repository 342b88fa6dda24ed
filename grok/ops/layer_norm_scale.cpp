#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"
#include "grok/ops/layer_norm.h"

// sqrt(variance + eps) along the last axis, which becomes 1: what LayerNorm divides by; with
// centre = 0 sqrt(mean(x^2) + eps), what RMSNorm divides by. Only for looking at; layer_norm
// computes its own, so this is dead unless captured.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes& a) {
  require_norm_inputs(in, a, "layer_norm_scale");
  return {in[0].shape.with(-1, 1), DType::f32};
}

void forward(const OpCall& call) noexcept {
  grok::layer_norm_scale(call.floats(0), call.shape(0)[-1], norm_of(call), call.out(), call.pool);
}

void reference(const ReferenceCall& call) {
  for_plain_rows(call,
                 [&](std::size_t row, const PlainNorm& r) { call.output.data[row] = r.scale; });
}

std::vector<OpExample> examples() {
  return {{{{{5, 3, 17}}}, {{"eps", 1e-5}}}, {{{{5, 3, 17}}}, {{"eps", 1e-5}, {"centre", 0}}}};
}

}  // namespace

const OpDef& layer_norm_scale() {
  static constexpr OpDef def{.name = "layer_norm_scale",
                             .meaning = "sqrt(variance + eps) along the last axis",
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .source_axes = same_axis_but_last,
                             .flops = layer_norm_flops,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
