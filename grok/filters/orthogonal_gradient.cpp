#include <algorithm>
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

constexpr double tiny = 1e-30;  // the authors', in both quotients

void apply(const FilterCall& call) noexcept {
  auto weight = call.weights.begin();
  for (std::size_t i = 0; i < call.in.size(); ++i, ++weight) {
    const ConstFloats w = weight->tensor.data, g = call.in[i];
    const InnerProducts sums = inner_products(w, g, call.pool);
    const double along = sums.ab / (sums.aa + tiny);
    // |g - along w|^2; below 0 only by rounding.
    const double rest = std::max(sums.bb - along * sums.ab, 0.0);
    const double scale = std::sqrt(sums.bb) / (std::sqrt(rest) + tiny);
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
