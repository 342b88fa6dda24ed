#include "grok/schedules/lr_schedule.h"

namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema;
  return schema;
}

double factor(const Params&, std::int64_t, std::int64_t) { return 1; }

}  // namespace

const LrScheduleDef& schedules::constant() {
  static constexpr LrScheduleDef def{.name = "constant",
                                     .meaning = "stays as it is after the warm-up",
                                     .schema = schema,
                                     .factor = factor};
  return def;
}

}  // namespace grok
