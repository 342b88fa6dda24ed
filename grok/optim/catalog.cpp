#include "grok/base/catalog.h"

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

const OptimizerDef* find(std::string_view name) { return find_entry(catalog(), name); }

const OptimizerDef& of(const Params& section) {
  return entry_of(catalog(), "optimizer", section.text("name"));
}

}  // namespace grok::optim
