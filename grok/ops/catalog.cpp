#include "grok/ops/catalog.h"

namespace grok::ops {

std::span<const OpDef* const> catalog() {
  static const OpDef* const all[] = {
#define GROK_OP(name) &name(),
#include "grok/ops/catalog.def"
#undef GROK_OP
  };
  return all;
}

}  // namespace grok::ops
