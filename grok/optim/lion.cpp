#include "grok/kernels/lion.h"

#include "grok/optim/common_fields.h"
#include "grok/optim/optimizer.h"
#include "grok/spec/fields.h"

// Follows the sign of a mixture of the gradient and its running mean, with decoupled weight decay.
//   source  Chen et al. 2023, arXiv:2302.06675
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema = optimizer_schema(
      {.lr = 1e-4, .warmup_steps = 10},
      {{.name = "betas",
        .type = FieldType::reals,
        .default_value = Value{Reals{0.9, 0.99}},
        .range = from_below(0, 1),
        .n_values = 2,
        .meaning = "What is kept of the running mean: for the step, and for the mean."},
       real_field("weight_decay", 1.0, at_least(0),
                  "Decoupled: each step takes lr * weight_decay off every weight.")});
  return schema;
}

NamedTensors init(const Params&, const Weights& weights) {
  NamedTensors state;
  for (const auto& [name, tensor] : weights) state.add("lion.m." + name, Tensor(tensor.shape));
  return state;
}

void update(const OptimizerCall& call) noexcept {
  const auto& betas = std::get<Reals>(*call.params.find("betas"));
  const LionStep step{.lr = call.lr(),
                      .beta1 = betas[0],
                      .beta2 = betas[1],
                      .weight_decay = call.params.real("weight_decay")};
  std::size_t i = 0;
  for (auto& [name, weight] : call.weights) {
    lion(step, call.gradients[i], weight.data, call.state[i], call.pool);
    ++i;
  }
}

}  // namespace

const OptimizerDef& optim::lion() {
  static constexpr OptimizerDef def{.name = "lion",
                                    .meaning = "follows the sign of a mean of the gradients",
                                    .source = "Chen et al. 2023, arXiv:2302.06675",
                                    .schema = schema,
                                    .init = init,
                                    .update = update};
  return def;
}

}  // namespace grok
