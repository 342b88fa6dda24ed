#include <cmath>

#include "grok/schedules/lr_schedule.h"
#include "grok/spec/fields.h"

// lr sqrt(from / step) from step `from` on. With from = warmup_steps it is the Transformer's.
//   source  Vaswani et al. 2017, arXiv:1706.03762
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{
      {integer_field("from", 1000, at_least(1), "Step up to which the rate stays whole.")}};
  return schema;
}

double factor(const Params& params, std::int64_t step, std::int64_t) {
  const std::int64_t from = params.integer("from");
  if (step <= from) return 1;
  return std::sqrt(static_cast<double>(from) / static_cast<double>(step));
}

}  // namespace

const LrScheduleDef& schedules::inverse_sqrt() {
  static constexpr LrScheduleDef def{.name = "inverse_sqrt",
                                     .meaning = "falls as one over the root of the step",
                                     .source = "Vaswani et al. 2017, arXiv:1706.03762",
                                     .schema = schema,
                                     .factor = factor};
  return def;
}

}  // namespace grok
