#include "grok/kernels/adamw.h"

#include <algorithm>

#include "grok/optim/optimizer.h"
#include "grok/optim/warmup.h"

// Adam with decoupled weight decay on all weights, and a linear warm-up of the learning rate from
// 0.
//   source  Loshchilov and Hutter 2019, arXiv:1711.05101; torch.optim.AdamW's order of operations
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{
      {lr_field(1e-3),
       {.name = "betas",
        .type = FieldType::reals,
        .default_value = Value{Reals{0.9, 0.98}},
        .range = from_below(0, 1),
        .n_values = 2,
        .meaning = "Decay of the two running means, of the gradient and of its square."},
       {.name = "eps",
        .type = FieldType::real,
        .default_value = Value{1e-8},
        .range = above(0),
        .meaning = "Added to the root of the second mean."},
       {.name = "weight_decay",
        .type = FieldType::real,
        .default_value = Value{1.0},
        .range = at_least(0),
        .meaning = "Decoupled: each step takes lr * weight_decay off every weight."},
       warmup_field(10)}};
  return schema;
}

// By squaring: the same bits everywhere, which libm's pow does not promise.
double power(double base, std::int64_t exponent) {
  double out = 1;
  for (; exponent > 0; exponent >>= 1, base *= base)
    if (exponent & 1) out *= base;
  return out;
}

NamedTensors init(const Params&, const Weights& weights) {
  NamedTensors state;
  for (const auto& [name, tensor] : weights) {
    state.add("adamw.m." + name, Tensor(tensor.shape));
    state.add("adamw.v." + name, Tensor(tensor.shape));
  }
  return state;
}

void update(const OptimizerCall& call) noexcept {
  const auto& betas = std::get<Reals>(*call.params.find("betas"));
  AdamWStep step;
  step.lr = warmed_up_lr(call);
  step.beta1 = betas[0];
  step.beta2 = betas[1];
  step.eps = call.params.real("eps");
  step.weight_decay = call.params.real("weight_decay");
  step.bias_correction1 = 1 - power(step.beta1, call.step + 1);
  step.bias_correction2 = 1 - power(step.beta2, call.step + 1);
  auto state = call.state.begin();
  auto gradient = call.gradients.begin();
  for (auto& [name, weight] : call.weights) {
    Tensor& m = (state++)->tensor;
    Tensor& v = (state++)->tensor;
    adamw(step, *gradient++, weight.data, m.data, v.data, call.pool);
  }
}

}  // namespace

const OptimizerDef& optim::adamw() {
  static constexpr OptimizerDef def{.name = "adamw",
                                    .meaning = "Adam with decoupled weight decay and warm-up",
                                    .source = "Loshchilov and Hutter 2019, arXiv:1711.05101",
                                    .schema = schema,
                                    .init = init,
                                    .update = update};
  return def;
}

}  // namespace grok
