#include "grok/schedules/decline.h"

#include "grok/spec/fields.h"

namespace grok {

const Schema& decline_schema() {
  static const Schema schema{
      {{.name = "until",
        .type = FieldType::integer,
        .default_from = "steps",
        .range = at_least(1),
        .meaning = "Step at which the least rate is reached; it stays from there on."},
       real_field("final", 0.0, from_to(0, 1), "The least rate, as a part of lr.")}};
  return schema;
}

double part_done(const Params& params, std::int64_t step, std::int64_t warmup) {
  const std::int64_t until = params.integer("until");
  if (step >= until) return 1;
  return static_cast<double>(step - warmup) / static_cast<double>(until - warmup);
}

}  // namespace grok
