#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"
#include "grok/ops/layer_norm.h"

// LayerNorm's gradient from its input x and the gradient dy of its output y:
// (dy - mean(dy) - y * mean(y * dy)) / scale; with centre = 0 without mean(dy), which is RMSNorm's.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes& a) {
  require_norm_inputs(in, a, "layer_norm_grad");
  require_same(in, "layer_norm_grad");
  return in[0];
}

void forward(const OpCall& call) noexcept {
  grok::layer_norm_grad(call.floats(0), call.floats(1), call.output.shape[-1], norm_of(call),
                        call.out(), call.pool);
}

void reference(const ReferenceCall& call) {
  for_plain_rows(call, [&](std::size_t row, const PlainNorm& r) {
    const std::size_t n = r.centred.size();
    const double* const dy = call.reals[1]->data.data() + row * n;
    const double mean = is_centred(call.attributes) ? plain_mean(dy, n) : 0;
    double dot = 0;
    for (std::size_t j = 0; j < n; ++j)
      dot += dy[j] * r.centred[j] / r.scale / static_cast<double>(n);
    for (std::size_t j = 0; j < n; ++j)
      call.output.data[row * n + j] = (dy[j] - mean - r.centred[j] / r.scale * dot) / r.scale;
  });
}

std::vector<OpExample> examples() {
  return {{{{{5, 3, 17}}, {{5, 3, 17}}}, {{"eps", 1e-5}}},
          {{{{300, 128}}, {{300, 128}}}, {{"eps", 1e-5}}},
          {{{{5, 3, 17}}, {{5, 3, 17}}}, {{"eps", 1e-5}, {"centre", 0}}}};
}

}  // namespace

const OpDef& layer_norm_grad() {
  static constexpr OpDef def{.name = "layer_norm_grad",
                             .meaning = "layer_norm's gradient, from x and dy",
                             .min_inputs = 2,
                             .max_inputs = 2,
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .source_axes = same_axis_but_last,
                             .flops = layer_norm_flops,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
