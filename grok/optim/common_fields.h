#pragma once
// What all optimizers let a spec set: learning rate, warm-up, schedule and filters.

#include <cstdint>
#include <vector>

#include "grok/spec/schema.h"

namespace grok {

/// The learning rate and its warm-up as an optimizer has them by default.
struct RateDefaults {
  double lr;
  std::int64_t warmup_steps;
};

using SchemaCheck = void (*)(const Params&, Mistakes&);

/// An optimizer's own fields and those that all have: lr, warmup_steps, warmup_from, schedule,
/// filters.
///   check   of the own fields; it calls check_common_fields itself
Schema optimizer_schema(RateDefaults rate, std::vector<Field> own, SchemaCheck check);
Schema optimizer_schema(RateDefaults rate, std::vector<Field> own);

void check_common_fields(const Params& params, Mistakes& mistakes);

}  // namespace grok
