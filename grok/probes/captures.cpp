#include "grok/probes/captures.h"

#include "grok/base/error.h"
#include "grok/ops/catalog.h"
#include "grok/plan/pass.h"
#include "grok/probes/parts.h"

namespace grok {
namespace {

// The last position of a hook point's value, without the position's axis.
NodeId at_last_position(Graph& g, NodeId node, std::string_view hook) {
  const bool by_query = hook.ends_with("hook_pattern") || hook.ends_with("hook_attn_scores");
  const int axis = by_query ? 2 : 1;  // [batch, head, query, key], else [batch, pos, ...]
  const Shape shape = g.shape(node);
  const std::int64_t last = shape[axis] - 1;
  const NodeId cut =
      g.add(ops::slice(), {node}, {{"axis", axis}, {"begin", last}, {"end", last + 1}});
  std::vector<std::int64_t> dims;
  for (int i = 0; i < shape.rank(); ++i)
    if (i != axis) dims.push_back(shape[i]);
  return g.add(ops::reshape(), {cut}, {{"shape", dims}});
}

Graph capture_graph(const Params& model, const TaskData& task, std::span<const std::string> hooks) {
  Graph g;
  const NodeId tokens = g.constant(task.tokens);
  const NodeId logits = models::of(model).build(g, model, model_sizes(task), {.tokens = tokens});
  NodeId rows = no_node;
  if (task.has_positions())
    rows = g.constant(answer_rows({task.tokens, task.labels, task.positions}));
  g.output("logits", answer_logits(g, task, logits, rows));
  for (const std::string& hook : hooks) {
    const NodeId node = g.find_hook(hook);
    if (node == no_node)
      throw Error(ErrorCode::usage,
                  "the model " + model.text("name") + " has no hook point " + hook);
    if (g.find_output(hook) == no_node) g.output(hook, at_last_position(g, node, hook));
  }
  return optimize(g);
}

}  // namespace

Captures::Captures(const Params& model, const TaskData& task, std::span<const std::string> hooks,
                   ThreadPool& pool)
    : program_(capture_graph(model, task, hooks), pool.n_threads()),
      weights_(models::of(model).weights(model, model_sizes(task))),
      pool_(pool) {}

void Captures::run(const Weights& weights) {
  // Every one of the model's, not what is handed in: a leaf left unbound would be read as null.
  require_weights(weights, weights_);
  for (const WeightInfo& info : weights_) program_.bind(info.name, weights.at(info.name).span());
  program_.run(pool_);
}

}  // namespace grok
