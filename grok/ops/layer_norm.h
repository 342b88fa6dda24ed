#pragma once
// What the ops of LayerNorm share: the attributes eps and centre, and a row in plain loops. With
// centre = 0 they are RMSNorm's: no mean is taken off. Where it is absent it is 1.

#include <cmath>
#include <vector>

#include "grok/kernels/layer_norm.h"
#include "grok/ops/rules.h"

namespace grok::ops {

inline bool is_centred(const Attributes& a) {
  const std::int64_t centre = a.integer_or("centre", 1);
  GROK_REQUIRE(centre == 0 || centre == 1, a.to_string());
  return centre == 1;
}

inline RowNorm norm_of(const OpCall& call) {
  return {static_cast<float>(call.attributes.real("eps")),
          is_centred(call.attributes) ? Centre::mean : Centre::zero};
}

/// Checks x, of float32 and with at least one axis, and the attributes.
inline void require_norm_inputs(Types in, const Attributes& a, std::string_view op) {
  require_f32(in[0], op);
  GROK_REQUIRE(in[0].shape.rank() > 0, std::string(op) + " of a scalar");
  GROK_REQUIRE(a.real("eps") >= 0, a.to_string());
  static_cast<void>(is_centred(a));
}

inline double plain_mean(const double* x, std::size_t n) {
  double mean = 0;
  for (std::size_t j = 0; j < n; ++j) mean += x[j] / static_cast<double>(n);
  return mean;
}

/// One row of `x` centred, and what it is divided by.
struct PlainNorm {
  std::vector<double> centred;
  double scale = 0;

  PlainNorm(const double* x, std::size_t n, const Attributes& a) : centred(x, x + n) {
    const double mean = is_centred(a) ? plain_mean(x, n) : 0;
    double variance = 0;
    for (double& v : centred) v -= mean;
    for (const double v : centred) variance += v * v / static_cast<double>(n);
    scale = std::sqrt(variance + a.real("eps"));
  }
};

/// Calls f(row, PlainNorm of that row) for all rows of input 0.
template <class F>
void for_plain_rows(const ReferenceCall& call, F&& f) {
  const auto& x = *call.reals[0];
  const auto n = usize(x.shape[-1]);
  for (std::size_t row = 0; row * n < x.data.size(); ++row)
    f(row, PlainNorm(x.data.data() + row * n, n, call.attributes));
}

/// Several passes over each row.
inline double layer_norm_flops(Types in, const TensorType&, const Attributes&) {
  return 6.0 * static_cast<double>(in[0].shape.n_elements());
}

}  // namespace grok::ops
