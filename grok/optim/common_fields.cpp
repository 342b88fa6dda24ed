#include "grok/optim/common_fields.h"

#include "grok/filters/filter.h"
#include "grok/schedules/lr_schedule.h"
#include "grok/spec/fields.h"

namespace grok {

void check_common_fields(const Params& params, Mistakes& mistakes) {
  filters::check_order(params.texts("filters"), mistakes);
}

Schema optimizer_schema(RateDefaults rate, std::vector<Field> own, SchemaCheck check) {
  Schema out;
  out.check = check;
  out.fields = {real_field("lr", rate.lr, above(0), "Learning rate after the warm-up.")};
  for (Field& field : own) out.fields.push_back(std::move(field));
  out.fields.push_back(
      integer_field("warmup_steps", rate.warmup_steps, at_least(0),
                    "Steps over which lr rises linearly; without warmup_from the first has lr 0."));
  out.fields.push_back(
      real_field("warmup_from", 0.0, from_to(0, 1), "Where the warm-up begins, as a part of lr."));
  out.fields.push_back({.name = "schedule",
                        .type = FieldType::text,
                        .default_value = Value{std::string("constant")},
                        .words = schedules::parts().names,
                        .meaning = "How lr goes on after the warm-up (list schedules).",
                        .parts = &schedules::parts()});
  out.fields.push_back({.name = "filters",
                        .type = FieldType::texts,
                        .default_value = Value{Texts{}},
                        .meaning = "What is made of the gradients first, in order (list filters).",
                        .parts = &filters::parts()});
  return out;
}

Schema optimizer_schema(RateDefaults rate, std::vector<Field> own) {
  return optimizer_schema(rate, std::move(own), check_common_fields);
}

}  // namespace grok
