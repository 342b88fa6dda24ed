#include "grok/losses/loss.h"
#include "grok/ops/catalog.h"
#include "grok/spec/fields.h"

// Mean over rows and columns of (output - target)^2, as torch.nn.MSELoss has it. The target is the
// label's one-hot row, the same less its mean 1 / classes, or the task's own targets where it has
// such. Centred targets need no bias: a network whose outputs are 0 is as near to each class.
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{
      {word_field("target", "one_hot", {"one_hot", "centred"},
                  "What a label stands for: its one-hot row, or that row less its mean. Of a task "
                  "whose answers are numbers these are the target.")}};
  return schema;
}

// Numbers have no mean that could be taken off.
NodeId rows(Graph& graph, const Params& params, NodeId logits, NodeId labels) {
  const bool is_label = graph[labels].type.dtype == DType::i32;
  const bool is_centred = is_label && params.text("target") == "centred";
  return graph.add(ops::squared_error(), {logits, labels},
                   is_centred ? Attributes{{"centred", 1}} : Attributes{});
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
