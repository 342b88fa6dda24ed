#include "grok/losses/loss.h"
#include "grok/ops/catalog.h"

// Mean of -log softmax(logits)[label]. Either arithmetic lets the loss go on falling below 1e-7,
// where a plain float32 softmax collapses to exactly 1: float64 for its digits, float32 by two
// forms that keep its relative precision (grok/kernels/cross_entropy.h), which is faster and less
// exact.
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{{{.name = "precision",
                               .type = FieldType::text,
                               .default_value = Value{std::string("float64")},
                               .words = {"float64", "float32", "float32_plain"},
                               .meaning = "Arithmetic of log-softmax and of its gradient; "
                                          "float32 is compensated, float32_plain is not, and "
                                          "collapses."}}};
  return schema;
}

NodeId rows(Graph& graph, const Params& params, NodeId logits, NodeId labels) {
  const std::string& precision = params.text("precision");
  Attributes attributes{{"precision", precision == "float64" ? 64 : 32}};
  if (precision == "float32_plain") attributes.set("plain", 1);
  return graph.add(ops::cross_entropy(), {logits, labels}, attributes);
}

}  // namespace

const LossDef& losses::cross_entropy() {
  static constexpr LossDef def{.name = "cross_entropy",
                               .meaning = "mean of -log softmax(logits)[label], in nats",
                               .source = "Nanda et al. 2023, arXiv:2301.05217",
                               .schema = schema,
                               .rows = rows};
  return def;
}

}  // namespace grok
