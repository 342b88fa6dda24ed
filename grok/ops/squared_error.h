#pragma once
// What squared_error and its gradient share: predictions [rows, n], and either labels [rows], whose
// one-hot rows are meant (less 1 / n, with the attribute centred=1), or targets [rows, n].

#include <string>

#include "grok/kernels/squared_error.h"
#include "grok/ops/rules.h"

namespace grok::ops {

inline bool is_centred(const Attributes& a) { return a.integer_or("centred", 0) == 1; }

inline void require_predictions_and_targets(Types in, const Attributes& a, std::string_view op) {
  const TensorType labels{{in[0].shape.rank() == 2 ? in[0].shape[0] : 0}, DType::i32};
  GROK_REQUIRE(in[0].dtype == DType::f32 && in[0].shape.rank() == 2 && in[0].shape[1] > 0 &&
                   (in[1] == labels || (in[1] == in[0] && !is_centred(a))),
               std::string(op) + " given " + in[0].to_string() + " and " + in[1].to_string());
}

inline LabelRow label_row(const Attributes& a) {
  return is_centred(a) ? LabelRow::centred : LabelRow::one_hot;
}

/// Calls f(row, element, prediction - target) for all elements.
template <class F>
void for_plain_errors(const ReferenceCall& call, F&& f) {
  const auto& x = *call.reals[0];
  const auto n = usize(x.shape[1]);
  for (std::size_t i = 0; i < x.data.size(); ++i) {
    const std::size_t row = i / n;
    const double mean = is_centred(call.attributes) ? 1 / static_cast<double>(n) : 0;
    const double target = call.reals[1]
                              ? call.reals[1]->data[i]
                              : (usize(call.tokens[1]->data[row]) == i % n ? 1 : 0) - mean;
    f(row, i, x.data[i] - target);
  }
}

inline double squared_error_flops(Types in, const TensorType&, const Attributes&) {
  return 3.0 * static_cast<double>(in[0].shape.n_elements());
}

}  // namespace grok::ops
