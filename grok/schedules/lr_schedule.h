#pragma once
// How the learning rate changes with the steps, after its warm-up. To add one, copy cosine.cpp and
// put its name into catalog.def.

#include <cstdint>
#include <span>
#include <string_view>

#include "grok/spec/schema.h"

namespace grok {

struct LrScheduleDef {
  std::string_view name;
  std::string_view meaning;
  std::string_view source;
  const Schema& (*schema)() = nullptr;
  /// What the learning rate is multiplied by in the update that is made after `step` others, of
  /// which the first `warmup` were the warm-up's: step >= warmup.
  double (*factor)(const Params& params, std::int64_t step, std::int64_t warmup) = nullptr;
};

namespace schedules {
#define GROK_SCHEDULE(name) const LrScheduleDef& name();
#include "grok/schedules/catalog.def"
#undef GROK_SCHEDULE

std::span<const LrScheduleDef* const> catalog();
/// Null if there is no schedule of that name.
const LrScheduleDef* find(std::string_view name);
/// For a field that names a schedule.
const PartCatalog& parts();
}  // namespace schedules

}  // namespace grok
