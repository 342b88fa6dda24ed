#include <cmath>
#include <numbers>

#include "grok/kernels/activations.h"
#include "grok/ops/activation.h"
#include "grok/ops/catalog.h"

// dy (Phi(x) + x phi(x)), with the normal distribution Phi and its density phi.
namespace grok::ops {
namespace {

double plain(double x) {
  const double density = std::exp(-0.5 * x * x) / std::sqrt(2 * std::numbers::pi);
  return 0.5 * std::erfc(-x / std::numbers::sqrt2) + x * density;
}

}  // namespace

const OpDef& gelu_grad() {
  static constexpr OpDef def =
      activation_grad<grok::gelu_grad, plain>("gelu_grad", "dy times gelu's slope at x");
  return def;
}

}  // namespace grok::ops
