#include "grok/schedules/decline.h"

namespace grok {
namespace {

double factor(const Params& params, std::int64_t step, std::int64_t warmup) {
  const double final = params.real("final");
  return final + (1 - final) * (1 - part_done(params, step, warmup));
}

}  // namespace

const LrScheduleDef& schedules::linear() {
  static constexpr LrScheduleDef def{.name = "linear",
                                     .meaning = "falls in a straight line",
                                     .schema = decline_schema,
                                     .factor = factor};
  return def;
}

}  // namespace grok
