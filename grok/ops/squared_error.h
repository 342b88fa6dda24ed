#pragma once
// What squared_error and its gradient share: predictions [rows, n], and either labels [rows], whose
// one-hot rows are meant, or targets [rows, n].

#include <string>

#include "grok/kernels/squared_error.h"
#include "grok/ops/rules.h"

namespace grok::ops {

inline void require_predictions_and_targets(Types in, std::string_view op) {
  const TensorType labels{{in[0].shape.rank() == 2 ? in[0].shape[0] : 0}, DType::i32};
  GROK_REQUIRE(in[0].dtype == DType::f32 && in[0].shape.rank() == 2 && in[0].shape[1] > 0 &&
                   (in[1] == in[0] || in[1] == labels),
               std::string(op) + " given " + in[0].to_string() + " and " + in[1].to_string());
}

/// Calls f(labels) or f(targets), whichever a call holds.
template <class F>
void with_targets(const OpCall& call, F&& f) noexcept {
  if (call.inputs[1].dtype == DType::i32)
    f(call.tokens(1));
  else
    f(call.floats(1));
}

/// Calls f(row, element, prediction - target) for all elements.
template <class F>
void for_plain_errors(const ReferenceCall& call, F&& f) {
  const auto& x = *call.reals[0];
  const auto n = usize(x.shape[1]);
  for (std::size_t i = 0; i < x.data.size(); ++i) {
    const std::size_t row = i / n;
    const double target = call.reals[1] ? call.reals[1]->data[i]
                                        : (usize(call.tokens[1]->data[row]) == i % n ? 1 : 0);
    f(row, i, x.data[i] - target);
  }
}

inline double squared_error_flops(Types in, const TensorType&, const Attributes&) {
  return 3.0 * static_cast<double>(in[0].shape.n_elements());
}

}  // namespace grok::ops
