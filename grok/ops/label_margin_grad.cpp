#include "grok/graph/graph.h"
#include "grok/kernels/margins.h"
#include "grok/ops/catalog.h"
#include "grok/ops/label_loss.h"

// d_margin * (one-hot(label) - 1 / n), rounded once; inputs labels [rows], d_margin [rows]; n
// classes.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes& a) {
  const std::int64_t n = a.integer("n");
  GROK_REQUIRE(n > 0 && in[0].dtype == DType::i32 && in[0].shape.rank() == 1 &&
                   in[1] == (TensorType{in[0].shape, DType::f64}),
               in[0].to_string() + " and " + in[1].to_string() + " " + a.to_string());
  return {{in[0].shape[0], n}, DType::f32};
}

void forward(const OpCall& call) noexcept {
  grok::label_margin_grad(call.attributes.integer("n"), call.tokens(0), call.doubles(1), call.out(),
                          call.pool);
}

void reference(const ReferenceCall& call) {
  const auto n = usize(call.attributes.integer("n"));
  for (std::size_t i = 0; i < call.output.data.size(); ++i) {
    const bool is_label = usize(call.tokens[0]->data[i / n]) == i % n;
    call.output.data[i] =
        call.reals[1]->data[i / n] * ((is_label ? 1 : 0) - 1 / static_cast<double>(n));
  }
}

double flops(Types, const TensorType& output, const Attributes&) {
  return static_cast<double>(output.shape.n_elements());
}

std::vector<OpExample> examples() {
  return {{{{{7}, DType::i32}, {{7}, DType::f64}}, {{"n", 17}}, 17},
          {{{{700}, DType::i32}, {{700}, DType::f64}}, {{"n", 114}}, 113}};
}

}  // namespace

const OpDef& label_margin_grad() {
  static constexpr OpDef def{.name = "label_margin_grad",
                             .meaning = "d_margin * (one-hot label less 1 / n), per row",
                             .min_inputs = 2,
                             .max_inputs = 2,
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .source_axes = rows_alone,
                             .flops = flops,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
