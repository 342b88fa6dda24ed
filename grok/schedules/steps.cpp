#include <variant>

#include "grok/schedules/lr_schedule.h"
#include "grok/spec/fields.h"

// lr times `by` for each of the steps `at` that has come. With by = 2 the rate doubles, as in
// Morwani et al. 2024 (arXiv:2311.07568).
namespace grok {
namespace {

void check(const Params& params, Mistakes& mistakes) {
  const Integers at = params.integers("at");
  for (std::size_t i = 1; i < at.size(); ++i)
    if (at[i] <= at[i - 1])
      mistakes.add("at", "expected steps that rise, found " + std::to_string(at[i]) + " after " +
                             std::to_string(at[i - 1]));
}

const Schema& schema() {
  static const Schema schema{
      {{.name = "at",
        .type = FieldType::integers,
        .range = at_least(1),
        .meaning = "Steps from which on the rate is another, rising."},
       real_field("by", 0.1, above(0), "What the rate is multiplied by at each.")},
      check};
  return schema;
}

double factor(const Params& params, std::int64_t step, std::int64_t) {
  const double by = params.real("by");
  double out = 1;
  // Read where it lies: `integers` would copy it at every step.
  for (const std::int64_t s : std::get<Integers>(*params.find("at")))
    if (s <= step) out *= by;
  return out;
}

}  // namespace

const LrScheduleDef& schedules::steps() {
  static constexpr LrScheduleDef def{.name = "steps",
                                     .meaning = "is multiplied at given steps",
                                     .schema = schema,
                                     .factor = factor};
  return def;
}

}  // namespace grok
