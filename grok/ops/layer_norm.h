#pragma once
// What the ops of LayerNorm share: the attribute eps, and a row in plain loops.

#include <cmath>
#include <vector>

#include "grok/ops/rules.h"

namespace grok::ops {

inline float eps_of(const OpCall& call) { return static_cast<float>(call.attributes.real("eps")); }

/// One row of `x` centred, and what LayerNorm divides it by.
struct PlainNorm {
  std::vector<double> centred;
  double scale = 0;

  PlainNorm(const double* x, std::size_t n, double eps) : centred(x, x + n) {
    double mean = 0, variance = 0;
    for (const double v : centred) mean += v / static_cast<double>(n);
    for (double& v : centred) v -= mean;
    for (const double v : centred) variance += v * v / static_cast<double>(n);
    scale = std::sqrt(variance + eps);
  }
};

/// Calls f(row, PlainNorm of that row) for all rows of input 0.
template <class F>
void for_plain_rows(const ReferenceCall& call, F&& f) {
  const auto& x = *call.reals[0];
  const auto n = usize(x.shape[-1]);
  for (std::size_t row = 0; row * n < x.data.size(); ++row)
    f(row, PlainNorm(x.data.data() + row * n, n, call.attributes.real("eps")));
}

/// Several passes over each row.
inline double layer_norm_flops(Types in, const TensorType&, const Attributes&) {
  return 6.0 * static_cast<double>(in[0].shape.n_elements());
}

}  // namespace grok::ops
