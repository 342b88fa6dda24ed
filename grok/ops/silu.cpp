#include <cmath>

#include "grok/kernels/activations.h"
#include "grok/ops/activation.h"
#include "grok/ops/catalog.h"

// x / (1 + e^-x).
namespace grok::ops {
namespace {

double plain(double x) { return x / (1 + std::exp(-x)); }

}  // namespace

const OpDef& silu() {
  static constexpr OpDef def = activation<grok::silu, plain, silu_grad>("silu", "x / (1 + e^-x)");
  return def;
}

}  // namespace grok::ops
