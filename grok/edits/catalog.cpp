#include "grok/base/catalog.h"

#include "grok/edits/edit.h"

namespace grok::edits {

std::span<const EditDef* const> catalog() {
  static const EditDef* const all[] = {
#define GROK_EDIT(name) &name(),
#include "grok/edits/catalog.def"
#undef GROK_EDIT
  };
  return all;
}

const EditDef* find(std::string_view name) { return find_entry(catalog(), name); }

}  // namespace grok::edits
