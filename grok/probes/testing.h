#pragma once
// A small network of modular addition for tests of probes.

#include <string>

#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

namespace grok {

inline TaskData small_task(std::int64_t p, double train_fraction = 0.4) {
  Params params =
      checked_params(tasks::modular_addition().schema(),
                     {{"p", p}, {"train_fraction", train_fraction}}, {{"seed", std::int64_t{1}}});
  params.set("name", std::string("modular_addition"));
  return tasks::data_of(params);
}

inline Params small_model(std::int64_t n_layers = 1, std::int64_t d_model = 16,
                          std::int64_t d_mlp = 24) {
  Params params = checked_params(models::transformer().schema(),
                                 {{"n_layers", n_layers},
                                  {"d_model", d_model},
                                  {"n_heads", std::int64_t{2}},
                                  {"d_head", std::int64_t{8}},
                                  {"d_mlp", d_mlp}},
                                 {{"seed", std::int64_t{1}}});
  params.set("name", std::string("transformer"));
  return params;
}

inline Weights small_weights(const TaskData& task, const Params& model) {
  return models::of(model).init(model, model_sizes(task));
}

/// The names of all probes that have a meaning, those too that measure only where they are named.
inline std::vector<std::string> applicable_probes(const TaskData& task, const Params& model) {
  std::vector<std::string> out;
  for (const ProbeDef* p : probes::catalog())
    if (!p->applies || p->applies(task, model)) out.emplace_back(p->name);
  return out;
}

}  // namespace grok
