#include "grok/base/catalog.h"

#include "grok/terms/term.h"

namespace grok::terms {

std::span<const TermDef* const> catalog() {
  static const TermDef* const all[] = {
#define GROK_TERM(name) &name(),
#include "grok/terms/catalog.def"
#undef GROK_TERM
  };
  return all;
}

const TermDef* find(std::string_view name) { return find_entry(catalog(), name); }

}  // namespace grok::terms
