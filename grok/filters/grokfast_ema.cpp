#include <vector>

#include "grok/filters/filter.h"
#include "grok/kernels/mean_step.h"
#include "grok/spec/fields.h"

// Amplifies what is slow in the gradients: their exponential running mean is added to them.
//
//   mean = alpha mean + (1 - alpha) g, where it begins with the first g;   g + lambda mean
//
//   source  Lee et al. 2024, "Grokfast: accelerated grokking by amplifying slow gradients",
//           arXiv:2405.20233
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{
      {real_field("alpha", 0.98, from_below(0, 1), "What is kept of the mean at each step."),
       real_field("lambda", 2.0, at_least(0), "How much of the mean is added.")}};
  return schema;
}

NamedTensors init(const Params&, const Weights& weights) {
  NamedTensors state;
  state.add("has_begun", Tensor(Shape{1}));
  for (const auto& [name, tensor] : weights) state.add("mean." + name, Tensor(tensor.shape));
  return state;
}

void apply(const FilterCall& call) noexcept {
  const double alpha = call.params.real("alpha");
  float& has_begun = call.state[0][0];
  const MeanStep step{.keep = alpha,
                      .take = has_begun == 0 ? 1 : 1 - alpha,
                      .own = 1,
                      .of_mean = call.params.real("lambda")};
  has_begun = 1;
  for (std::size_t i = 0; i < call.in.size(); ++i)
    mean_step(step, call.in[i], call.state[1 + i], call.out[i], call.pool);
}

}  // namespace

const FilterDef& filters::grokfast_ema() {
  static constexpr FilterDef def{.name = "grokfast_ema",
                                 .meaning = "adds the exponential running mean of the gradients",
                                 .source = "Lee et al. 2024, arXiv:2405.20233",
                                 .schema = schema,
                                 .init = init,
                                 .apply = apply};
  return def;
}

}  // namespace grok
