#include "grok/spec/fork_schema.h"

namespace grok {
namespace {

Schema make_fork_schema() {
  Schema schema;
  schema.fields = {
      {.name = "parent", .type = FieldType::text, .meaning = "the digest of the parent's spec"},
      {.name = "step",
       .type = FieldType::integer,
       .range = from_to(0, 1e9),
       .meaning = "the step at which the run begins, as its parent counts"},
      {.name = "edits",
       .type = FieldType::texts,
       .default_value = Value{Texts{}},
       .meaning = "what was changed in the state there, in this order"},
      {.name = "frozen",
       .type = FieldType::texts,
       .default_value = Value{Texts{}},
       .meaning = "weights that stay as they are from there on"},
  };
  return schema;
}

}  // namespace

const Schema& fork_schema() {
  static const Schema schema = make_fork_schema();
  return schema;
}

}  // namespace grok
