#include "grok/base/error.h"
#include "grok/optim/optimizer.h"

namespace grok::optim {

std::span<const OptimizerDef* const> catalog() {
  static const OptimizerDef* const all[] = {
#define GROK_OPTIMIZER(name) &name(),
#include "grok/optim/catalog.def"
#undef GROK_OPTIMIZER
  };
  return all;
}

const OptimizerDef* find(std::string_view name) {
  for (const OptimizerDef* def : catalog())
    if (def->name == name) return def;
  return nullptr;
}

const OptimizerDef& of(const Params& section) {
  const OptimizerDef* def = find(section.text("name"));
  GROK_REQUIRE(def != nullptr, "no optimizer named " + section.text("name"));
  return *def;
}

}  // namespace grok::optim
