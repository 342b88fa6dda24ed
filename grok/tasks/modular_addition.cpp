#include "grok/tasks/equations.h"
#include "grok/tasks/split.h"
#include "grok/tasks/task.h"

// Tokens a, b, '=' (token p); the answer is (a + b) mod p. All p * p pairs, row a * p + b. The
// class of '=' exists among the outputs, as in the original, and is never right.
//   source  Nanda et al. 2023, arXiv:2301.05217
namespace grok {
namespace {

Schema make_schema() {
  Schema out{{{.name = "p",
               .type = FieldType::integer,
               .default_value = Value{std::int64_t{113}},
               .range = from_to(2, 1000),
               .meaning = "The modulus; there are p * p pairs."}},
             [](const Params& params, Mistakes& mistakes) {
               check_split(params, params.integer("p") * params.integer("p"), mistakes);
             }};
  for (Field& field : split_fields(0.3)) out.fields.push_back(std::move(field));
  return out;
}

const Schema& schema() {
  static const Schema schema = make_schema();
  return schema;
}

TaskData make(const Params& params) {
  const auto p = static_cast<int>(params.integer("p"));
  Equations equations{.n_symbols = p,
                      .rows = all_pairs(p, [p](Token a, Token b) { return (a + b) % p; })};
  equations.modulus = p;
  TaskData data = in_nanda_layout(equations);
  split_rows(params, data);
  return data;
}

}  // namespace

const TaskDef& tasks::modular_addition() {
  static constexpr TaskDef def{.name = "modular_addition",
                               .meaning = "a + b mod p from the tokens a, b, =",
                               .source = "Nanda et al. 2023, arXiv:2301.05217",
                               .schema = schema,
                               .make = make};
  return def;
}

}  // namespace grok
