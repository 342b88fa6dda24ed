#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"
#include "grok/ops/cross_entropy.h"

// exp(logit - largest logit of its row): what the loss and its gradient have in common. Written by
// the pass shared_exponentials, never by a model.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes& a) {
  require_f32(in[0], "exponentials");
  GROK_REQUIRE(in[0].shape.rank() == 2, in[0].to_string());
  return {in[0].shape, exponentials_dtype(a)};
}

void forward(const OpCall& call) noexcept {
  if (in_float32(call.attributes))
    grok::exponentials(logits_of(call), call.out(), call.pool);
  else
    grok::exponentials(logits_of(call), call.out_doubles(), call.pool);
}

void reference(const ReferenceCall& call) {
  const auto n = usize(call.reals[0]->shape[1]);
  for (std::size_t row = 0; row < usize(call.reals[0]->shape[0]); ++row) {
    const PlainRow r(call, row);
    std::copy(r.exponentials.begin(), r.exponentials.end(),
              call.output.data.begin() + static_cast<std::ptrdiff_t>(row * n));
  }
}

double flops(Types in, const TensorType&, const Attributes&) {
  return 2.0 * static_cast<double>(in[0].shape.n_elements());
}

std::vector<OpExample> examples() {
  return {
      {{{{7, 17}}}, {}}, {{{{300, 113}}}, {{"precision", 64}}}, {{{{7, 17}}}, {{"precision", 32}}}};
}

}  // namespace

const OpDef& exponentials() {
  static constexpr OpDef def{.name = "exponentials",
                             .meaning = "exp(x - largest x of its row)",
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .source_axes = same_axis_but_last,
                             .flops = flops,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
