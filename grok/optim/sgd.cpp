#include "grok/kernels/sgd.h"

#include "grok/optim/common_fields.h"
#include "grok/optim/optimizer.h"
#include "grok/spec/fields.h"

// Stochastic gradient descent on all weights, with momentum where it is asked for; weight decay is
// L2, in the gradient.
//   source  torch.optim.SGD's order of operations
namespace grok {
namespace {

void check(const Params& params, Mistakes& mistakes) {
  check_common_fields(params, mistakes);
  if (params.flag("nesterov") && params.real("momentum") == 0)
    mistakes.add("nesterov", "needs a momentum above 0");
}

const Schema& schema() {
  static const Schema schema = optimizer_schema(
      {.lr = 1e-2, .warmup_steps = 0},
      {real_field("momentum", 0.0, from_below(0, 1),
                  "What is kept of the running sum of gradients; 0: no such sum."),
       flag_field("nesterov", false,
                  "Nesterov's momentum: the gradient is added to its sum once more."),
       real_field("weight_decay", 0.0, at_least(0),
                  "L2: weight_decay times the weight is added to its gradient.")},
      check);
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
      .lr = call.lr(),
      .momentum = call.params.real("momentum"),
      .weight_decay = call.params.real("weight_decay"),
      .kind = call.params.flag("nesterov") ? Momentum::nesterov : Momentum::classical};
  auto state = call.state.begin();
  auto gradient = call.gradients.begin();
  for (auto& [name, weight] : call.weights) {
    const Floats momentum = has_momentum(call.params) ? *state++ : Floats();
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
