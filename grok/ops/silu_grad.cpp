#include <cmath>

#include "grok/kernels/activations.h"
#include "grok/ops/activation.h"
#include "grok/ops/catalog.h"

// dy (s + x s (1 - s)), with s = 1 / (1 + e^-x).
namespace grok::ops {
namespace {

double plain(double x) {
  const double s = 1 / (1 + std::exp(-x));
  return s + x * s * (1 - s);
}

}  // namespace

const OpDef& silu_grad() {
  static constexpr OpDef def =
      activation_grad<grok::silu_grad, plain>("silu_grad", "dy times silu's slope at x");
  return def;
}

}  // namespace grok::ops
