#include <algorithm>

#include "grok/edits/edit.h"
#include "grok/edits/parts.h"

namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{{tensors_field("the weights that stay as they are; all if left out")}};
  return schema;
}

void apply(const EditCall& call) {
  for (const std::string& name : weights_in_question(call))
    if (std::find(call.frozen.begin(), call.frozen.end(), name) == call.frozen.end())
      call.frozen.push_back(name);
}

}  // namespace

const EditDef& edits::freeze() {
  static constexpr EditDef def{
      .name = "freeze",
      .meaning = "keeps weights as they are from here on; their gradients go on being computed",
      .schema = schema,
      .apply = apply};
  return def;
}

}  // namespace grok
