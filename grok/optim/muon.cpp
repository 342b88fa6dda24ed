#include <algorithm>
#include <cmath>

#include "grok/kernels/combine.h"
#include "grok/kernels/mean_step.h"
#include "grok/kernels/newton_schulz.h"
#include "grok/optim/adam_family.h"
#include "grok/optim/common_fields.h"
#include "grok/optim/weight_choice.h"
#include "grok/spec/fields.h"

// Matrices follow their momentum made orthogonal; what is no matrix, embeddings and unembedding
// follow AdamW. A weight of heads, [n_heads, d_model, d_head], is as many matrices. Of a matrix
// [in, out], as all are here, the step is sqrt(max(1, out / in)) times lr.
//
//   m = momentum m + (1 - momentum) g;   u = m, or (nesterov) momentum m + (1 - momentum) g
//   w = w (1 - lr weight_decay) - lr sqrt(max(1, out / in)) newton_schulz(u)
//
//   source  Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema = [] {
    std::vector<Field> own{
        real_field("momentum", 0.95, from_below(0, 1), "What is kept of the running mean."),
        flag_field("nesterov", true, "The gradient is mixed into its running mean once more."),
        integer_field("newton_schulz_steps", 5, from_to(1, 20),
                      "How often the polynomial is used."),
        real_field("weight_decay", 0.0, at_least(0),
                   "Decoupled, on all weights: each step takes lr * weight_decay off, or "
                   "adamw_lr * weight_decay."),
        weights_field(
            "matrices",
            "The weights that are matrices to it, by name, with * for any letters; empty: "
            "all but embeddings and unembedding."),
        real_field("adamw_lr", 1e-3, above(0), "Learning rate of the rest, which follow AdamW.")};
    for (Field& field : moment_fields(0.9, 0.98)) own.push_back(std::move(field));
    return optimizer_schema({.lr = 0.02, .warmup_steps = 10}, std::move(own));
  }();
  return schema;
}

bool is_embedding(std::string_view name) {
  return name.starts_with("embed.") || name.starts_with("pos_embed.") ||
         name.starts_with("unembed.");
}

bool is_matrix(const Params& params, std::string_view name, const Shape& shape) {
  if (shape.rank() < 2 || shape.rank() > 3) return false;
  return is_nothing_chosen(params, "matrices") ? !is_embedding(name)
                                               : is_chosen(params, "matrices", name);
}

MatrixStack stack_of(const Shape& shape) {
  const int last = shape.rank() - 1;
  return {last == 2 ? shape[0] : 1, shape[last - 1], shape[last]};
}

NamedTensors init(const Params& params, const Weights& weights) {
  check_choice(params, "matrices", weights);
  NamedTensors state;
  for (const auto& [name, tensor] : weights) {
    if (is_matrix(params, name, tensor.shape)) {
      state.add("muon.momentum." + name, Tensor(tensor.shape));
    } else {
      state.add("muon.m." + name, Tensor(tensor.shape));
      state.add("muon.v." + name, Tensor(tensor.shape));
    }
  }
  return state;
}

// What a matrix follows, and what making it orthogonal takes.
std::int64_t scratch_floats(const Params& params, const Weights& weights, int n_threads) {
  std::int64_t out = 0;
  for (const auto& [name, tensor] : weights)
    if (is_matrix(params, name, tensor.shape))
      out = std::max(out, tensor.shape.n_elements() +
                              newton_schulz_scratch_floats(stack_of(tensor.shape), n_threads));
  return out;
}

void follow_orthogonal(const OptimizerCall& call, const MatrixStack& stack, ConstFloats g,
                       Floats momentum, Floats w) noexcept {
  const double keep = call.params.real("momentum"), lr = call.lr();
  const bool is_nesterov = call.params.flag("nesterov");
  const Floats u = call.scratch.first(g.size());
  mean_step({.keep = keep,
             .take = 1 - keep,
             .own = is_nesterov ? 1 - keep : 0,
             .of_mean = is_nesterov ? keep : 1},
            g, momentum, u, call.pool);
  newton_schulz(stack, static_cast<int>(call.params.integer("newton_schulz_steps")), u, u,
                call.scratch.subspan(g.size()), call.pool);
  const double out_over_in = static_cast<double>(stack.columns) / static_cast<double>(stack.rows);
  combine(1 - lr * call.params.real("weight_decay"), w, -lr * std::sqrt(std::max(1.0, out_over_in)),
          u, w, call.pool);
}

void update(const OptimizerCall& call) noexcept {
  AdamWStep step = adam_step(call.params, call.params.real("adamw_lr") * call.lr_factor, call.step);
  step.weight_decay = call.params.real("weight_decay");
  auto state = call.state.begin();
  auto gradient = call.gradients.begin();
  for (auto& [name, weight] : call.weights) {
    const ConstFloats g = *gradient++;
    if (is_matrix(call.params, name, weight.shape)) {
      follow_orthogonal(call, stack_of(weight.shape), g, *state++, weight.data);
    } else {
      const Floats m = *state++, v = *state++;
      adamw(step, g, weight.data, m, v, call.pool);
    }
  }
}

}  // namespace

const OptimizerDef& optim::muon() {
  static constexpr OptimizerDef def{
      .name = "muon",
      .meaning = "matrices follow their momentum made orthogonal, the rest AdamW",
      .source = "Jordan et al. 2024, Muon",
      .schema = schema,
      .init = init,
      .scratch_floats = scratch_floats,
      .update = update};
  return def;
}

}  // namespace grok
