#include "grok/edits/edit.h"
#include "grok/edits/parts.h"

namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{
      {tensors_field("the frozen weights that learn again; all if left out")}};
  return schema;
}

void apply(const EditCall& call) {
  for (const std::string& name : weights_in_question(call)) std::erase(call.frozen, name);
}

}  // namespace

const EditDef& edits::thaw() {
  static constexpr EditDef def{
      .name = "thaw",
      .meaning = "lets weights learn again that an earlier fork has frozen",
      .schema = schema,
      .apply = apply};
  return def;
}

}  // namespace grok
