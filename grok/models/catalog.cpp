#include "grok/base/error.h"
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

const ModelDef* find(std::string_view name) {
  for (const ModelDef* def : catalog())
    if (def->name == name) return def;
  return nullptr;
}

const ModelDef& of(const Params& section) {
  const ModelDef* def = find(section.text("name"));
  GROK_REQUIRE(def != nullptr, "no model named " + section.text("name"));
  return *def;
}

}  // namespace grok::models
