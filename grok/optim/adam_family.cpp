#include "grok/optim/adam_family.h"

#include "grok/optim/weight_choice.h"
#include "grok/spec/fields.h"

namespace grok {
namespace {

// By squaring: the same bits everywhere, which libm's pow does not promise.
double power(double base, std::int64_t exponent) {
  double out = 1;
  for (; exponent > 0; exponent >>= 1, base *= base)
    if (exponent & 1) out *= base;
  return out;
}

bool decays_to_initial(const Params& params) { return params.text("weight_decay_to") == "initial"; }

}  // namespace

std::vector<Field> moment_fields(double beta1, double beta2) {
  return {{.name = "betas",
           .type = FieldType::reals,
           .default_value = Value{Reals{beta1, beta2}},
           .range = from_below(0, 1),
           .n_values = 2,
           .meaning = "Decay of the two running means, of the gradient and of its square."},
          real_field("eps", 1e-8, above(0), "Added to the root of the second mean.")};
}

std::vector<Field> adam_fields(double beta1, double beta2, double weight_decay,
                               const char* meaning) {
  std::vector<Field> out = moment_fields(beta1, beta2);
  out.push_back(real_field("weight_decay", weight_decay, at_least(0), meaning));
  out.push_back(
      word_field("weight_decay_to", "zero", {"zero", "initial"},
                 "Where weights decay to: zero, or what they were when the optimizer began."));
  out.push_back(weights_field("weight_decay_on",
                              "The weights that decay, by name, with * for any letters; empty: "
                              "all."));
  return out;
}

AdamWStep adam_step(const Params& params, double lr, std::int64_t step) {
  const auto& betas = std::get<Reals>(*params.find("betas"));
  AdamWStep out;
  out.lr = lr;
  out.beta1 = betas[0];
  out.beta2 = betas[1];
  out.eps = params.real("eps");
  out.bias_correction1 = 1 - power(out.beta1, step + 1);
  out.bias_correction2 = 1 - power(out.beta2, step + 1);
  return out;
}

NamedTensors adam_state(const Params& params, const Weights& weights, const std::string& prefix) {
  check_choice(params, "weight_decay_on", weights);
  NamedTensors state;
  for (const auto& [name, tensor] : weights) {
    state.add(prefix + ".m." + name, Tensor(tensor.shape));
    state.add(prefix + ".v." + name, Tensor(tensor.shape));
  }
  if (!decays_to_initial(params)) return state;
  for (const auto& [name, tensor] : weights) state.add(std::string(initial_prefix) + name, tensor);
  return state;
}

void adam_update(const OptimizerCall& call, Decay decay) noexcept {
  AdamWStep step = adam_step(call.params, call.lr(), call.step);
  step.decay = decay;
  const double weight_decay = call.params.real("weight_decay");
  const bool all_decay = is_nothing_chosen(call.params, "weight_decay_on");
  const std::size_t n = call.gradients.size();
  const auto initial =
      decays_to_initial(call.params) ? call.state.subspan(2 * n) : std::span<const Floats>();
  std::size_t i = 0;
  for (auto& [name, weight] : call.weights) {
    const bool decays = all_decay || is_chosen(call.params, "weight_decay_on", name);
    step.weight_decay = decays ? weight_decay : 0;
    adamw(step, call.gradients[i], weight.data, call.state[2 * i], call.state[2 * i + 1],
          initial.empty() ? Floats() : initial[i], call.pool);
    ++i;
  }
}

}  // namespace grok
