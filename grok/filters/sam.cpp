#include <cmath>

#include "grok/filters/other_weights.h"
#include "grok/kernels/combine.h"
#include "grok/kernels/inner_products.h"
#include "grok/spec/fields.h"

// Sharpness-aware minimization: the gradient at the worst weights near by, to first order, in place
// of the one here.
//
//   the gradient at w + rho g / |g|, with the norm over all weights together
//
//   source  Foret et al. 2021, "Sharpness-aware minimization", arXiv:2010.01412
//   cost    a second evaluation per step
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{
      {real_field("rho", 0.05, above(0), "How far away the gradient is taken.")}};
  return schema;
}

void apply(const FilterCall& call) noexcept {
  double squares = 0;
  for (std::size_t i = 0; i < call.in.size(); ++i)
    if (!call.surface.holds(i)) squares += sum_of_squares(call.in[i], call.pool);
  const double factor = call.params.real("rho") / (std::sqrt(squares) + 1e-12);
  take_gradients_elsewhere(
      call, [&](std::size_t i, Floats w) { combine(1, w, factor, call.in[i], w, call.pool); });
}

}  // namespace

const FilterDef& filters::sam() {
  static constexpr FilterDef def{
      .name = "sam",
      .meaning = "takes the gradient at the worst weights near by (sharpness-aware minimization)",
      .source = "Foret et al. 2021, arXiv:2010.01412",
      .schema = schema,
      .scratch_floats = n_weights,
      .evaluates = true,
      .apply = apply};
  return def;
}

}  // namespace grok
