#include "grok/base/catalog.h"

#include "grok/models/model.h"

namespace grok::models {

std::span<const ModelDef* const> catalog() {
  static const ModelDef* const all[] = {
#define GROK_MODEL(name) &name(),
#include "grok/models/catalog.def"
#undef GROK_MODEL
  };
  return all;
}

const ModelDef* find(std::string_view name) { return find_entry(catalog(), name); }

const ModelDef& of(const Params& section) {
  return entry_of(catalog(), "model", section.text("name"));
}

}  // namespace grok::models
