#pragma once
// A learning rate that rises linearly from 0: the fields of a schema, and the rate of an update.

#include "grok/optim/optimizer.h"

namespace grok {

inline Field lr_field(double default_value) {
  return {.name = "lr",
          .type = FieldType::real,
          .default_value = Value{default_value},
          .range = above(0),
          .meaning = "Learning rate after the warm-up."};
}

inline Field warmup_field(std::int64_t default_value) {
  return {.name = "warmup_steps",
          .type = FieldType::integer,
          .default_value = Value{default_value},
          .range = at_least(0),
          .meaning = "Steps over which lr rises linearly; the first step has lr 0."};
}

/// The learning rate of this update.
inline double warmed_up_lr(const OptimizerCall& call) {
  const double lr = call.params.real("lr");
  const std::int64_t warmup = call.params.integer("warmup_steps");
  if (call.step >= warmup) return lr;
  return lr * (static_cast<double>(call.step) / static_cast<double>(warmup));
}

}  // namespace grok
