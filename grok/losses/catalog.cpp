#include "grok/base/error.h"
#include "grok/losses/loss.h"

namespace grok::losses {

std::span<const LossDef* const> catalog() {
  static const LossDef* const all[] = {
#define GROK_LOSS(name) &name(),
#include "grok/losses/catalog.def"
#undef GROK_LOSS
  };
  return all;
}

const LossDef* find(std::string_view name) {
  for (const LossDef* def : catalog())
    if (def->name == name) return def;
  return nullptr;
}

NodeId add_loss(Graph& graph, const Params& section, NodeId logits, NodeId labels) {
  const LossDef* def = find(section.text("name"));
  GROK_REQUIRE(def != nullptr, "no loss named " + section.text("name"));
  return def->build(graph, section, logits, labels);
}

}  // namespace grok::losses
