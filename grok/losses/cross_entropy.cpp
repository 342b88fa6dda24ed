#include "grok/losses/loss.h"
#include "grok/ops/catalog.h"

// Mean of -log softmax(logits)[label]. In float64, so that the loss goes on falling below 1e-7,
// where float32's softmax collapses to exactly 1.
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{{{.name = "precision",
                               .type = FieldType::text,
                               .default_value = Value{std::string("float64")},
                               .words = {"float64"},
                               .meaning = "Arithmetic of log-softmax and of its gradient."}}};
  return schema;
}

NodeId build(Graph& graph, const Params&, NodeId logits, NodeId labels) {
  return graph.add(ops::cross_entropy(), {logits, labels});
}

}  // namespace

const LossDef& losses::cross_entropy() {
  static constexpr LossDef def{.name = "cross_entropy",
                               .meaning = "mean of -log softmax(logits)[label], in nats",
                               .source = "Nanda et al. 2023, arXiv:2301.05217",
                               .schema = schema,
                               .build = build};
  return def;
}

}  // namespace grok
