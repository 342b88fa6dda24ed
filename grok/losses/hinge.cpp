#include "grok/losses/loss.h"
#include "grok/ops/catalog.h"
#include "grok/spec/fields.h"

// Mean of what labels lack of being ahead by a margin. Of two classes, with rivals = "nearest", it
// is max(0, margin - y f) with f the difference of the two outputs.
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{
      {real_field("margin", 1, above(0), "By how much a label's output should be ahead."),
       word_field("rivals", "nearest", {"nearest", "all"},
                  "Whom it must be ahead of: the largest of the others (Crammer and Singer), or "
                  "each of them, their sum divided by the number of classes "
                  "(torch.nn.MultiMarginLoss).")}};
  return schema;
}

NodeId rows(Graph& graph, const Params& params, NodeId logits, NodeId labels) {
  Attributes attributes{{"margin", params.real("margin")}};
  if (params.text("rivals") == "all") attributes.set("all", 1);
  return graph.add(ops::hinge(), {logits, labels}, attributes);
}

}  // namespace

const LossDef& losses::hinge() {
  static constexpr LossDef def{
      .name = "hinge",
      .meaning = "mean of what labels lack of being ahead of their rivals by a margin",
      .source = "Crammer and Singer 2001; Weston and Watkins 1999",
      .schema = schema,
      .rows = rows};
  return def;
}

}  // namespace grok
