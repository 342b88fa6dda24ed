#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"
#include "grok/ops/cross_entropy.h"

// Per row: d_loss * (softmax(logits) - one-hot(label)), rounded once; inputs logits, labels, d_loss
// and, perhaps, the `exponentials` of the logits.
namespace grok::ops {
namespace {

constexpr std::size_t exponentials_at = 3;

TensorType infer(Types in, const Attributes& a) {
  require_loss_inputs(in, a, exponentials_at);
  GROK_REQUIRE(in[2] == (TensorType{{in[0].shape[0]}, DType::f64}), in[2].to_string());
  return in[0];
}

void forward(const OpCall& call) noexcept {
  with_exponentials(call, exponentials_at, [&](auto exponentials) noexcept {
    grok::cross_entropy_grad(logits_of(call), call.tokens(1), exponentials, call.doubles(2),
                             call.out(), call.pool, sums_of(call.attributes));
  });
}

void reference(const ReferenceCall& call) {
  const auto n = usize(call.reals[0]->shape[1]);
  for (std::size_t row = 0; row < usize(call.reals[0]->shape[0]); ++row) {
    const PlainRow r(call, row);
    const double d_loss = call.reals[2]->data[row];
    double* const out = call.output.data.data() + row * n;
    for (std::size_t j = 0; j < n; ++j) out[j] = d_loss * r.exponentials[j] / r.sum;
    out[usize(call.tokens[1]->data[row])] -= d_loss;
  }
}

double flops(Types in, const TensorType&, const Attributes&) {
  const double per_element = in.size() > exponentials_at ? 2 : 4;
  return per_element * static_cast<double>(in[0].shape.n_elements());
}

std::vector<OpExample> examples() {
  return {
      {{{{7, 17}}, {{7}, DType::i32}, {{7}, DType::f64}}, {}, 17},
      {{{{300, 114}}, {{300}, DType::i32}, {{300}, DType::f64}}, {}, 113},
      {{{{7, 17}}, {{7}, DType::i32}, {{7}, DType::f64}}, {{"precision", 32}}, 17},
      {{{{7, 17}}, {{7}, DType::i32}, {{7}, DType::f64}}, {{"precision", 32}, {"plain", 1}}, 17}};
}

}  // namespace

const OpDef& cross_entropy_grad() {
  static constexpr OpDef def{
      .name = "cross_entropy_grad",
      .meaning = "d_loss * (softmax(logits) less the one-hot label), per row",
      .min_inputs = 3,
      .max_inputs = 4,
      .infer = infer,
      .forward = forward,
      .reference = reference,
      .source_axes = rows_alone,
      .flops = flops,
      .examples = examples};
  return def;
}

}  // namespace grok::ops
