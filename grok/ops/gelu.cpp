#include <cmath>
#include <numbers>

#include "grok/kernels/activations.h"
#include "grok/ops/activation.h"
#include "grok/ops/catalog.h"

// x Phi(x), the exact GELU. Its gradient reads the input: it does not follow from the output.
namespace grok::ops {
namespace {

double plain(double x) { return 0.5 * x * std::erfc(-x / std::numbers::sqrt2); }

}  // namespace

const OpDef& gelu() {
  static constexpr OpDef def =
      activation<grok::gelu, plain, gelu_grad>("gelu", "x Phi(x), Phi the normal distribution");
  return def;
}

}  // namespace grok::ops
