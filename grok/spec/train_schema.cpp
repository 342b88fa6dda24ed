#include "grok/spec/train_schema.h"

#include "grok/base/error.h"
#include "grok/spec/schedule.h"
#include "grok/spec/stop_rule.h"

namespace grok {
namespace {

constexpr double most_steps = 1e9;

void check_train(const Params& train, Mistakes& mistakes) {
  try {
    parse_stop_rule(train.text("stop_when"));
  } catch (const Error& error) {
    mistakes.add("stop_when", error.what());
  }
}

void check_record(const Params& record, Mistakes& mistakes) {
  const std::int64_t n = record.integer("log_points_per_octave");
  if (!is_log_density(n))
    mistakes.add("log_points_per_octave", "expected 0, 1, 2 or 4, found " + std::to_string(n));
}

Schema make_train_schema() {
  Schema schema;
  schema.check = check_train;
  schema.fields = {
      {.name = "steps",
       .type = FieldType::integer,
       .range = from_to(1, most_steps),
       .meaning = "optimizer steps until the run ends"},
      {.name = "batch",
       .type = FieldType::integer,
       .default_value = "full",
       .range = at_least(1),
       .words = {"full"},
       .meaning = "examples per step, or all training examples in every step; an endless task "
                  "needs a number"},
      {.name = "seed",
       .type = FieldType::integer,
       .default_value = 0,
       .range = at_least(0),
       .meaning = "the run's seed, for every random stream that has no seed of its own"},
      {.name = "stop_when",
       .type = FieldType::text,
       .default_value = "",
       .meaning = "ends the run early, e.g. test_loss < 1e-6; empty: never"},
  };
  return schema;
}

Schema make_record_schema() {
  Schema schema;
  schema.check = check_record;
  schema.fields = {
      {.name = "probes",
       .type = FieldType::texts,
       .default_value = "default",
       .words = {"default", "none"},
       .meaning = "the probes that measure the run"},
      {.name = "every",
       .type = FieldType::integer,
       .default_value = 100,
       .range = from_to(1, most_steps),
       .meaning = "steps between two records of the metrics"},
      {.name = "log_points_per_octave",
       .type = FieldType::integer,
       .default_value = 4,
       .meaning =
           "further records at log-spaced early steps, per doubling of the step: 0, 1, 2 or 4"},
      {.name = "keyframes",
       .type = FieldType::text,
       .default_value = "log",
       .words = {"log", "every", "ends"},
       .meaning = "when the whole state is kept: log-spaced then regularly, regularly, or only at "
                  "both ends"},
      {.name = "keyframe_every",
       .type = FieldType::integer,
       .default_value = 1000,
       .range = from_to(1, most_steps),
       .meaning = "steps between two keyframes, once they are regular"},
  };
  return schema;
}

}  // namespace

const Schema& train_schema() {
  static const Schema schema = make_train_schema();
  return schema;
}

const Schema& record_schema() {
  static const Schema schema = make_record_schema();
  return schema;
}

}  // namespace grok
