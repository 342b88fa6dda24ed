#include "grok/losses/loss.h"
#include "grok/ops/catalog.h"
#include "grok/spec/fields.h"

// Cross-entropy with a label that is the class only to a share of 1 - e, and any class alike, its
// own among them, to the rest:
//
//   log sum exp(x) - (1 - e) x[label] - e mean(x)  =  cross-entropy + e (x[label] - mean(x))
//
// As torch.nn.CrossEntropyLoss has it. Its least value is not 0, and logits stay finite.
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{{real_field("smoothing", 0.1, from_below(0, 1),
                                         "Share e of a label that is spread over all classes.")}};
  return schema;
}

NodeId rows(Graph& graph, const Params& params, NodeId logits, NodeId labels) {
  const NodeId sharp = graph.add(ops::cross_entropy(), {logits, labels}, {{"precision", 64}});
  const NodeId margin = graph.add(ops::label_margin(), {logits, labels});
  const NodeId smooth = graph.add(ops::scale(), {margin}, {{"factor", params.real("smoothing")}});
  return graph.add(ops::add(), {sharp, smooth});
}

}  // namespace

const LossDef& losses::label_smoothing() {
  static constexpr LossDef def{
      .name = "label_smoothing",
      .meaning = "cross-entropy with labels that leave a share to all classes, in nats",
      .source = "Szegedy et al. 2016, arXiv:1512.00567",
      .schema = schema,
      .rows = rows};
  return def;
}

}  // namespace grok
