#include "grok/losses/loss.h"
#include "grok/ops/catalog.h"

// Mean over rows and columns of (output - target)^2, as torch.nn.MSELoss has it. The target is the
// label's one-hot row, or the task's own targets where it has such.
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{};
  return schema;
}

NodeId rows(Graph& graph, const Params&, NodeId logits, NodeId labels) {
  return graph.add(ops::squared_error(), {logits, labels});
}

}  // namespace

const LossDef& losses::squared_error() {
  static constexpr LossDef def{
      .name = "squared_error",
      .meaning = "mean squared error against the one-hot label, or against the task's own targets",
      .source = "torch.nn.MSELoss",
      .schema = schema,
      .rows = rows,
      .takes_targets = true};
  return def;
}

}  // namespace grok
