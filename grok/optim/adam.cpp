#include "grok/optim/adam_family.h"
#include "grok/optim/common_fields.h"

// Adam, with weight decay in the gradient (L2), where its own scaling undoes much of it.
//   source  Kingma and Ba 2015, arXiv:1412.6980; torch.optim.Adam, its order of
//           operations and its defaults
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema = optimizer_schema(
      {.lr = 1e-3, .warmup_steps = 0},
      adam_fields(0.9, 0.999, 0.0, "L2: weight_decay times the weight is added to its gradient."));
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
