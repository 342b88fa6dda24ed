#include "grok/optim/adam_family.h"
#include "grok/optim/common_fields.h"

// Adam, with weight decay in the gradient (L2), where its own scaling undoes much of it.
//   source  Kingma and Ba 2015, arXiv:1412.6980; torch.optim.Adam's order of operations and
//   defaults
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema = [] {
    std::vector<Field> own = moment_fields(0.9, 0.999);
    for (Field& field :
         decay_fields(0.0, "L2: weight_decay times the weight is added to its gradient."))
      own.push_back(std::move(field));
    return optimizer_schema({.lr = 1e-3, .warmup_steps = 0}, std::move(own));
  }();
  return schema;
}

NamedTensors init(const Params& params, const Weights& weights) {
  return adam_state(params, weights, "adam");
}

void update(const OptimizerCall& call) noexcept { adam_update(call, Decay::l2); }

}  // namespace

const OptimizerDef& optim::adam() {
  static constexpr OptimizerDef def{.name = "adam",
                                    .meaning = "Adam, with L2 in the gradient",
                                    .source = "Kingma and Ba 2015, arXiv:1412.6980",
                                    .schema = schema,
                                    .init = init,
                                    .update = update};
  return def;
}

}  // namespace grok
