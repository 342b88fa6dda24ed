#include "grok/kernels/sgd.h"

#include "grok/optim/optimizer.h"
#include "grok/optim/warmup.h"

// Stochastic gradient descent on all weights, with momentum where it is asked for; weight decay is
// L2, in the gradient.
//   source  torch.optim.SGD's order of operations
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{
      {lr_field(1e-2),
       {.name = "momentum",
        .type = FieldType::real,
        .default_value = Value{0.0},
        .range = from_below(0, 1),
        .meaning = "What is kept of the running sum of gradients; 0: no such sum."},
       {.name = "nesterov",
        .type = FieldType::flag,
        .default_value = Value{false},
        .meaning = "Nesterov's momentum: the gradient is added to its sum once more."},
       {.name = "weight_decay",
        .type = FieldType::real,
        .default_value = Value{0.0},
        .range = at_least(0),
        .meaning = "L2: weight_decay times the weight is added to its gradient."},
       warmup_field(0)},
      [](const Params& params, Mistakes& mistakes) {
        if (params.flag("nesterov") && params.real("momentum") == 0)
          mistakes.add("nesterov", "needs a momentum above 0");
      }};
  return schema;
}

bool has_momentum(const Params& params) { return params.real("momentum") > 0; }

NamedTensors init(const Params& params, const Weights& weights) {
  NamedTensors state;
  if (!has_momentum(params)) return state;
  for (const auto& [name, tensor] : weights)
    state.add("sgd.momentum." + name, Tensor(tensor.shape));
  return state;
}

void update(const OptimizerCall& call) noexcept {
  const SgdStep step{
      .lr = warmed_up_lr(call),
      .momentum = call.params.real("momentum"),
      .weight_decay = call.params.real("weight_decay"),
      .kind = call.params.flag("nesterov") ? Momentum::nesterov : Momentum::classical};
  auto state = call.state.begin();
  auto gradient = call.gradients.begin();
  for (auto& [name, weight] : call.weights) {
    const Floats momentum = has_momentum(call.params) ? (state++)->tensor.span() : Floats();
    sgd(step, *gradient++, weight.data, momentum, call.pool);
  }
}

}  // namespace

const OptimizerDef& optim::sgd() {
  static constexpr OptimizerDef def{.name = "sgd",
                                    .meaning = "gradient descent with momentum, L2 and warm-up",
                                    .source = "torch.optim.SGD",
                                    .schema = schema,
                                    .init = init,
                                    .update = update};
  return def;
}

}  // namespace grok
