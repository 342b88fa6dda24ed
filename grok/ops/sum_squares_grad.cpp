#include "grok/graph/graph.h"
#include "grok/kernels/sum_squares.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// 2 d x, rounded once; inputs x and the float64 scalar d.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes&) {
  require_f32(in[0], "sum_squares_grad");
  GROK_REQUIRE(in[1] == (TensorType{{}, DType::f64}), in[1].to_string());
  return in[0];
}

void forward(const OpCall& call) noexcept {
  grok::sum_squares_grad(call.floats(0), call.scalar(1), call.out(), call.pool);
}

void reference(const ReferenceCall& call) {
  for (std::size_t i = 0; i < call.output.data.size(); ++i)
    call.output.data[i] = 2 * call.reals[1]->data[0] * call.reals[0]->data[i];
}

std::optional<std::vector<int>> source_axes(Types, const TensorType&, const Attributes&, int axis) {
  return std::vector<int>{axis, -1};
}

std::vector<OpExample> examples() {
  return {{{{{7, 17}}, {{}, DType::f64}}, {}}, {{{{700, 114}}, {{}, DType::f64}}, {}}};
}

}  // namespace

const OpDef& sum_squares_grad() {
  static constexpr OpDef def{.name = "sum_squares_grad",
                             .meaning = "2 d x",
                             .min_inputs = 2,
                             .max_inputs = 2,
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .source_axes = source_axes,
                             .flops = one_flop_per_element,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
