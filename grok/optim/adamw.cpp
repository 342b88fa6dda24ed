#include "grok/optim/adam_family.h"
#include "grok/optim/common_fields.h"
#include "grok/spec/fields.h"

// Adam with weight decay beside the gradient's step, on all weights or on some, towards zero or
// towards the first weights; or in the gradient, as Adam has it.
//   source  Loshchilov and Hutter 2019, arXiv:1711.05101; torch.optim.AdamW's order of operations
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema = [] {
    std::vector<Field> own = adam_fields(
        0.9, 0.98, 1.0, "Decoupled: each step takes lr * weight_decay off every weight.");
    own.push_back(word_field("weight_decay_kind", "decoupled", {"decoupled", "l2"},
                             "Beside the gradient's step, or l2: in the gradient."));
    return optimizer_schema({.lr = 1e-3, .warmup_steps = 10}, std::move(own));
  }();
  return schema;
}

NamedTensors init(const Params& params, const Weights& weights) {
  return adam_state(params, weights, "adamw");
}

void update(const OptimizerCall& call) noexcept {
  const bool is_l2 = call.params.text("weight_decay_kind") == "l2";
  adam_update(call, is_l2 ? Decay::l2 : Decay::decoupled);
}

}  // namespace

const OptimizerDef& optim::adamw() {
  static constexpr OptimizerDef def{.name = "adamw",
                                    .meaning = "Adam with decoupled weight decay",
                                    .source = "Loshchilov and Hutter 2019, arXiv:1711.05101",
                                    .schema = schema,
                                    .init = init,
                                    .update = update};
  return def;
}

}  // namespace grok
