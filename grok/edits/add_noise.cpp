#include <cmath>

#include "grok/base/rng.h"
#include "grok/edits/edit.h"
#include "grok/edits/parts.h"

// Normal noise of our own stream, scaled to the norm that was asked for: the same bits everywhere.
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{{{.name = "norm",
                               .type = FieldType::real,
                               .range = at_least(0),
                               .meaning = "the length of the noise, over all its numbers together"},
                              {.name = "seed",
                               .type = FieldType::integer,
                               .default_value = Value{std::int64_t{0}},
                               .range = at_least(0),
                               .meaning = "of the noise"},
                              tensors_field("where it is added; to all weights if left out")}};
  return schema;
}

void apply(const EditCall& call) {
  const Rng rng(static_cast<std::uint64_t>(call.params.integer("seed")), "edit noise");
  const Texts names = weights_in_question(call);
  std::uint64_t n = 0;
  for (const std::string& name : names) n += weight_named(call, name).data.size();
  double squares = 0;
  for (std::uint64_t i = 0; i < n; ++i) squares += rng.normal(i) * rng.normal(i);
  const double scale = n == 0 ? 0 : call.params.real("norm") / std::sqrt(squares);
  std::uint64_t at = 0;
  for (const std::string& name : names)
    for (float& weight : weight_named(call, name).data)
      weight = static_cast<float>(weight + scale * rng.normal(at++));
}

}  // namespace

const EditDef& edits::add_noise() {
  static constexpr EditDef def{.name = "add_noise",
                               .meaning = "moves the weights by random noise of a given length",
                               .schema = schema,
                               .apply = apply};
  return def;
}

}  // namespace grok
