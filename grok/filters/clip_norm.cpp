#include <cmath>

#include "grok/filters/filter.h"
#include "grok/kernels/elementwise.h"
#include "grok/kernels/inner_products.h"
#include "grok/spec/fields.h"

// All gradients together scaled down to a norm that they may not exceed, in PyTorch's way: by
// largest / (norm + 1e-6) where that is below 1.
//   source  Pascanu et al. 2013, arXiv:1211.5063; torch.nn.utils.clip_grad_norm_
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{
      {real_field("largest", 1.0, above(0), "The largest norm of all gradients together.")}};
  return schema;
}

void apply(const FilterCall& call) noexcept {
  double squares = 0;
  for (std::size_t i = 0; i < call.in.size(); ++i)
    if (!call.surface.holds(i)) squares += sum_of_squares(call.in[i], call.pool);
  // A NaN stays one: it is not above 1.
  const double factor = call.params.real("largest") / (std::sqrt(squares) + 1e-6);
  for (std::size_t i = 0; i < call.in.size(); ++i)
    scale(call.in[i], static_cast<float>(factor > 1 ? 1 : factor), call.out[i], call.pool);
}

}  // namespace

const FilterDef& filters::clip_norm() {
  static constexpr FilterDef def{.name = "clip_norm",
                                 .meaning = "scales gradients down to a norm that they may have",
                                 .source = "Pascanu et al. 2013, arXiv:1211.5063",
                                 .schema = schema,
                                 .apply = apply};
  return def;
}

}  // namespace grok
