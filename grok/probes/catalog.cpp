#include "grok/base/catalog.h"

#include "grok/probes/probe.h"

namespace grok::probes {

std::span<const ProbeDef* const> catalog() {
  static const ProbeDef* const all[] = {
#define GROK_PROBE(name) &name(),
#include "grok/probes/catalog.def"
#undef GROK_PROBE
  };
  return all;
}

const ProbeDef* find(std::string_view name) { return find_entry(catalog(), name); }

}  // namespace grok::probes
