#pragma once
// A spec that is small enough for plain loops: for tests that need a whole model and task.

#include "grok/losses/loss.h"
#include "grok/models/model.h"
#include "grok/optim/optimizer.h"
#include "grok/spec/run_spec.h"
#include "grok/spec/train_schema.h"
#include "grok/tasks/task.h"

namespace grok {

inline Params named(const char* name, const Schema& schema, const Params& given,
                    const Params& train) {
  Params section = checked_params(schema, given, train);
  section.set("name", std::string(name));
  return section;
}

/// Modular addition mod `p` with a small transformer; `model` overrides its params.
inline RunSpec small_spec(std::int64_t p = 7, const Params& model = {}) {
  RunSpec spec;
  spec.train = checked_params(train_schema(), {{"steps", std::int64_t{100}}});
  spec.record = checked_params(record_schema(), {});
  spec.task = named("modular_addition", tasks::modular_addition().schema(),
                    {{"p", p}, {"train_fraction", 0.6}}, spec.train);
  Params sizes{{"d_model", std::int64_t{8}},
               {"n_heads", std::int64_t{2}},
               {"d_head", std::int64_t{4}},
               {"d_mlp", std::int64_t{12}}};
  for (const auto& [key, value] : model) sizes.set(key, value);
  spec.model = named("transformer", models::transformer().schema(), sizes, spec.train);
  spec.loss = named("cross_entropy", losses::cross_entropy().schema(), {}, spec.train);
  spec.optim = named("adamw", optim::adamw().schema(), {}, spec.train);
  return spec;
}

}  // namespace grok
