#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"
#include "grok/ops/squared_error.h"

// Per row: d_error * 2 / n * (prediction - target), rounded once; inputs predictions, labels or
// targets, d_error.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes& a) {
  require_predictions_and_targets(in, a, "squared_error_grad");
  GROK_REQUIRE(in[2] == (TensorType{{in[0].shape[0]}, DType::f64}), in[2].to_string());
  return in[0];
}

void forward(const OpCall& call) noexcept {
  const std::int64_t n = call.shape(0)[1];
  if (call.inputs[1].dtype == DType::i32)
    grok::squared_error_grad(call.floats(0), n, call.tokens(1), call.doubles(2), call.out(),
                             call.pool, label_row(call.attributes));
  else
    grok::squared_error_grad(call.floats(0), n, call.floats(1), call.doubles(2), call.out(),
                             call.pool);
}

void reference(const ReferenceCall& call) {
  const auto n = static_cast<double>(call.reals[0]->shape[1]);
  for_plain_errors(call, [&](std::size_t row, std::size_t i, double error) {
    call.output.data[i] = call.reals[2]->data[row] * 2 / n * error;
  });
}

std::vector<OpExample> examples() {
  return {{{{{7, 17}}, {{7}, DType::i32}, {{7}, DType::f64}}, {}, 17},
          {{{{7, 17}}, {{7}, DType::i32}, {{7}, DType::f64}}, {{"centred", 1}}, 17},
          {{{{7, 17}}, {{7, 17}}, {{7}, DType::f64}}, {}},
          {{{{700, 114}}, {{700}, DType::i32}, {{700}, DType::f64}}, {}, 113}};
}

}  // namespace

const OpDef& squared_error_grad() {
  static constexpr OpDef def{.name = "squared_error_grad",
                             .meaning = "d_error * 2 / n * (prediction - target), per row",
                             .min_inputs = 3,
                             .max_inputs = 3,
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .source_axes = rows_alone,
                             .flops = squared_error_flops,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
