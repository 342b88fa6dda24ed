#include <algorithm>
#include <cmath>

#include "grok/graph/graph.h"
#include "grok/kernels/cross_entropy.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// seed / rows * (softmax(logits) - one-hot(label)), in float64, rounded once.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes&) {
  GROK_REQUIRE(in[0].shape.rank() == 2 && in[1] == (TensorType{{in[0].shape[0]}, DType::i32}) &&
                   in[2] == (TensorType{{}, DType::f64}),
               "cross_entropy_grad given " + in[0].to_string() + ", " + in[1].to_string() + ", " +
                   in[2].to_string());
  return in[0];
}

void forward(const OpCall& call) noexcept {
  const std::int64_t rows = call.shape(0)[0];
  const std::int64_t n = call.shape(0)[1];
  const double factor = call.scalar(2) / static_cast<double>(rows);
  cross_entropy_grad(LogitsOf<float>{call.floats(0).data(), rows, n, n}, call.tokens(1), factor,
                     call.out().data(), n, call.pool);
}

void reference(const ReferenceCall& call) {
  const auto& logits = *call.reals[0];
  const auto n = usize(logits.shape[1]);
  const double factor = call.reals[2]->data[0] / static_cast<double>(logits.shape[0]);
  for (std::size_t row = 0; row < usize(logits.shape[0]); ++row) {
    const double* const x = logits.data.data() + row * n;
    double* const out = call.output.data.data() + row * n;
    const double largest = *std::max_element(x, x + n);
    double total = 0;
    for (std::size_t j = 0; j < n; ++j) total += std::exp(x[j] - largest);
    for (std::size_t j = 0; j < n; ++j) out[j] = factor * std::exp(x[j] - largest) / total;
    out[usize(call.tokens[1]->data[row])] -= factor;
  }
}

double flops(Types in, const TensorType&, const Attributes&) {
  return 4.0 * static_cast<double>(in[0].shape.n_elements());
}

std::vector<OpExample> examples() {
  return {{{{{7, 17}}, {{7}, DType::i32}, {{}, DType::f64}}, {}, 17},
          {{{{300, 114}}, {{300}, DType::i32}, {{}, DType::f64}}, {}, 113}};
}

}  // namespace

const OpDef& cross_entropy_grad() {
  static constexpr OpDef def{.name = "cross_entropy_grad",
                             .meaning = "softmax(logits) less the one-hot label, per row",
                             .min_inputs = 3,
                             .max_inputs = 3,
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .flops = flops,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
