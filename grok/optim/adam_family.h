#pragma once
// What Adam, AdamW and those that leave some weights to AdamW have in common.

#include <cstdint>
#include <vector>

#include "grok/kernels/adamw.h"
#include "grok/optim/optimizer.h"

namespace grok {

/// betas and eps.
std::vector<Field> moment_fields(double beta1, double beta2);

/// The same, weight_decay, weight_decay_to and weight_decay_on.
std::vector<Field> adam_fields(double beta1, double beta2, double weight_decay,
                               const char* meaning);

/// The numbers of an update but for its weight decay.
AdamWStep adam_step(const Params& params, double lr, std::int64_t step);

/// m and v of every weight, then the initial weights where decay is towards them.
NamedTensors adam_state(const Params& params, const Weights& weights, const std::string& prefix);

/// Updates all weights; `call.state` as adam_state returns it.
void adam_update(const OptimizerCall& call, Decay decay) noexcept;

}  // namespace grok
