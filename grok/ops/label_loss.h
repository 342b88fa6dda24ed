#pragma once
// What losses of logits [rows, n] and labels [rows], and their gradients, share: one float64 number
// a row, row by row.

#include <string>

#include "grok/ops/rules.h"

namespace grok::ops {

inline TensorType rows_of_losses(const TensorType& logits) {
  return {{logits.shape[0]}, DType::f64};
}

inline void require_logits_and_labels(Types in, std::string_view op) {
  GROK_REQUIRE(in[0].dtype == DType::f32 && in[0].shape.rank() == 2 && in[0].shape[1] > 0 &&
                   in[1] == (TensorType{{in[0].shape[0]}, DType::i32}),
               std::string(op) + " given " + in[0].to_string() + " and " + in[1].to_string());
}

/// Of the loss itself.
inline TensorType infer_label_loss(Types in, const Attributes&) {
  require_logits_and_labels(in, "a loss");
  return rows_of_losses(in[0]);
}

/// Of its gradient, whose third input is that of the losses.
inline TensorType infer_label_loss_grad(Types in, const Attributes&) {
  require_logits_and_labels(in, "a loss's gradient");
  GROK_REQUIRE(in[2] == rows_of_losses(in[0]), in[2].to_string());
  return in[0];
}

/// Calls f(row, its logits, its label) in plain loops.
template <class F>
void for_plain_rows(const ReferenceCall& call, F&& f) {
  const auto& x = *call.reals[0];
  const auto n = usize(x.shape[1]);
  for (std::size_t row = 0; row < usize(x.shape[0]); ++row)
    f(row, x.span().subspan(row * n, n), usize(call.tokens[1]->data[row]));
}

inline double label_loss_flops(Types in, const TensorType&, const Attributes&) {
  return 4.0 * static_cast<double>(in[0].shape.n_elements());
}

/// Inputs of a loss, or with a third of its gradient, in awkward shapes.
inline std::vector<OpExample> label_loss_examples(bool is_gradient, const Attributes& attributes) {
  std::vector<OpExample> out;
  for (const auto& [rows, n] : {std::pair<std::int64_t, std::int64_t>{7, 17}, {1, 2}, {700, 114}}) {
    OpExample example{{{{rows, n}}, {{rows}, DType::i32}}, attributes, n};
    if (is_gradient) example.inputs.push_back({{rows}, DType::f64});
    out.push_back(std::move(example));
  }
  return out;
}

}  // namespace grok::ops
