#include <cmath>
#include <numbers>

#include "grok/kernels/activations.h"
#include "grok/ops/activation.h"
#include "grok/ops/catalog.h"

// dy (1 + t + x (1 - t^2) y') / 2, with t = tanh(y) and y of gelu_tanh.
namespace grok::ops {
namespace {

double plain(double x) {
  const double factor = std::sqrt(2 / std::numbers::pi);
  const double t = std::tanh(factor * (x + 0.044715 * x * x * x));
  return 0.5 * (1 + t + x * (1 - t * t) * factor * (1 + 3 * 0.044715 * x * x));
}

}  // namespace

const OpDef& gelu_tanh_grad() {
  static constexpr OpDef def = activation_grad<grok::gelu_tanh_grad, plain>(
      "gelu_tanh_grad", "dy times gelu_tanh's slope at x");
  return def;
}

}  // namespace grok::ops
