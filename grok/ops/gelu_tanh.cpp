#include <cmath>
#include <numbers>

#include "grok/kernels/activations.h"
#include "grok/ops/activation.h"
#include "grok/ops/catalog.h"

// GELU by a tanh, as GPT-2 has it; TransformerLens's gelu_new.
namespace grok::ops {
namespace {

double plain(double x) {
  const double y = std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x);
  return 0.5 * x * (1 + std::tanh(y));
}

}  // namespace

const OpDef& gelu_tanh() {
  static constexpr OpDef def = activation<grok::gelu_tanh, plain, gelu_tanh_grad>(
      "gelu_tanh", "x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2");
  return def;
}

}  // namespace grok::ops
