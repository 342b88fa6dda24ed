#include "grok/base/catalog.h"

#include "grok/losses/loss.h"
#include "grok/ops/catalog.h"

namespace grok::losses {

std::span<const LossDef* const> catalog() {
  static const LossDef* const all[] = {
#define GROK_LOSS(name) &name(),
#include "grok/losses/catalog.def"
#undef GROK_LOSS
  };
  return all;
}

const LossDef* find(std::string_view name) { return find_entry(catalog(), name); }

const LossDef& of(const Params& section) {
  return entry_of(catalog(), "loss", section.text("name"));
}

NodeId add_loss(Graph& graph, const Params& section, NodeId logits, NodeId labels) {
  return graph.add(ops::mean(), {of(section).rows(graph, section, logits, labels)});
}

}  // namespace grok::losses
