#include "grok/losses/loss.h"
#include "grok/ops/catalog.h"
#include "grok/spec/fields.h"

// Mean of -log(s(logit of the label) / sum of s(logits)), with s(x) = x + 1 for x >= 0 and
// 1 / (1 - x) below: a softmax that grows as a line. What a class has beside another is never
// absorbed, so that training without weight decay goes on where a softmax in float32 collapses.
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{
      {word_field("precision", "float64", {"float64", "float32"},
                  "Arithmetic of the sum and of its gradient. The source's code takes float64.")}};
  return schema;
}

NodeId rows(Graph& graph, const Params& params, NodeId logits, NodeId labels) {
  const int bits = params.text("precision") == "float64" ? 64 : 32;
  return graph.add(ops::stablemax(), {logits, labels}, {{"precision", bits}});
}

}  // namespace

const LossDef& losses::stablemax() {
  static constexpr LossDef def{
      .name = "stablemax",
      .meaning = "cross-entropy of a softmax that grows as a line, in nats",
      .source = "Prieto et al. 2025, arXiv:2501.04697",
      .schema = schema,
      .rows = rows};
  return def;
}

}  // namespace grok
