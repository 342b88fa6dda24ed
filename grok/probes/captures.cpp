#include "grok/probes/captures.h"

#include <algorithm>

#include "grok/base/error.h"
#include "grok/probes/capture_examples.h"
#include "grok/probes/parts.h"

namespace grok {

struct Captures::Pass {
  Program program;
  bool has_run = false;  // since the weights were handed in
};

Captures::Captures(const Params& model, const TaskData& task, std::span<const HookRequest> requests,
                   ThreadPool& pool)
    : weights_(models::of(model).weights(model, model_sizes(task))), pool_(pool) {
  for (std::size_t i = 0; i < n_wheres; ++i) {
    std::vector<std::string> hooks;
    bool any = false;
    for (const HookRequest& request : requests) {
      if (static_cast<std::size_t>(request.where) != i) continue;
      any = true;
      if (request.hook != "logits" && std::ranges::find(hooks, request.hook) == hooks.end())
        hooks.push_back(request.hook);
    }
    if (any)
      passes_[i].reset(new Pass{
          Program(capture_graph(model, task, static_cast<Where>(i), hooks), pool.n_threads())});
  }
}

Captures::~Captures() = default;

void Captures::run(const Weights& weights) {
  // Every one of the model's, not what is handed in: a leaf left unbound would be read as null.
  require_weights(weights, weights_);
  for (const auto& pass : passes_) {
    if (!pass) continue;
    for (const WeightInfo& info : weights_)
      pass->program.bind(info.name, weights.at(info.name).span());
    pass->has_run = false;
  }
}

Captures::Pass& Captures::pass(Where where) const {
  const auto& found = passes_[static_cast<std::size_t>(where)];
  GROK_REQUIRE(found != nullptr, "nobody asked for these examples");
  return *found;
}

ConstFloats Captures::at(std::string_view hook, Where where) const {
  Pass& of = pass(where);
  if (!of.has_run) {
    of.program.run(pool_);
    of.has_run = true;
  }
  return of.program.floats(hook);
}

const Shape& Captures::shape(std::string_view hook, Where where) const {
  return pass(where).program.shape(hook);
}

}  // namespace grok
