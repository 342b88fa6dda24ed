#include "grok/base/catalog.h"

#include "grok/schedules/lr_schedule.h"

namespace grok::schedules {

std::span<const LrScheduleDef* const> catalog() {
  static const LrScheduleDef* const all[] = {
#define GROK_SCHEDULE(name) &name(),
#include "grok/schedules/catalog.def"
#undef GROK_SCHEDULE
  };
  return all;
}

const LrScheduleDef* find(std::string_view name) { return find_entry(catalog(), name); }

const PartCatalog& parts() { return parts_of<catalog>(); }

}  // namespace grok::schedules
