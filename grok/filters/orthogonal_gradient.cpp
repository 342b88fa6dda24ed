#include <cmath>

#include "grok/filters/filter.h"
#include "grok/kernels/combine.h"
#include "grok/kernels/inner_products.h"
#include "grok/spec/fields.h"

// Takes from each gradient what points along its weights, in which a network that has memorised
// only scales its logits up, and gives the rest the length of the whole.
//
//   g - (w.g / w.w) w, times |g| over its own length
//
// Per tensor. Of an array of weights that is 0 the gradient stays as it is.
//   source  Prieto et al. 2025, "Grokking at the edge of numerical stability", arXiv:2501.04697
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema;
  return schema;
}

constexpr double tiny = 1e-30;      // the authors', of weights that are zero
constexpr double rounding = 1e-12;  // of float32 numbers whose products are summed in double

void apply(const FilterCall& call) noexcept {
  auto weight = call.weights.begin();
  for (std::size_t i = 0; i < call.in.size(); ++i, ++weight) {
    const ConstFloats w = weight->tensor.data, g = call.in[i];
    const InnerProducts sums = inner_products(w, g, call.pool);
    const double along = sums.ab / (sums.aa + tiny);
    const double rest = sums.bb - along * sums.ab;  // |g - along w|^2
    // What is left of a gradient along its weights is rounding alone: nothing then. A NaN stays
    // one.
    const double scale = rest <= rounding * sums.bb ? 0 : std::sqrt(sums.bb / rest);
    combine(scale, g, -along * scale, w, call.out[i], call.pool);
  }
}

}  // namespace

const FilterDef& filters::orthogonal_gradient() {
  static constexpr FilterDef def{
      .name = "orthogonal_gradient",
      .meaning = "takes from each gradient what points along its weights, and keeps its length",
      .source = "Prieto et al. 2025, arXiv:2501.04697",
      .schema = schema,
      .apply = apply};
  return def;
}

}  // namespace grok
