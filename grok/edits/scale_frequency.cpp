#include "grok/edits/edit.h"
#include "grok/edits/parts.h"

namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{{frequency_field(),
                              of_field(),
                              {.name = "factor",
                               .type = FieldType::real,
                               .meaning = "0 removes it, 1 changes nothing, 2 doubles it"}}};
  return schema;
}

void apply(const EditCall& call) { scale_frequency_by(call, call.params.real("factor")); }

}  // namespace

const EditDef& edits::scale_frequency() {
  static constexpr EditDef def{
      .name = "scale_frequency",
      .meaning = "makes a frequency of the embedding or the unembedding stronger or weaker",
      .schema = schema,
      .apply = apply};
  return def;
}

}  // namespace grok
