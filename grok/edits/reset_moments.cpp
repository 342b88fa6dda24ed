#include <algorithm>

#include "grok/edits/edit.h"
#include "grok/edits/parts.h"

namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{
      {tensors_field("the weights whose moments become zero; all if left out")}};
  return schema;
}

void apply(const EditCall& call) {
  for (const std::string& name : weights_in_question(call))
    each_moment(call, name,
                [](Tensor& moment) { std::fill(moment.data.begin(), moment.data.end(), 0.0f); });
}

}  // namespace

const EditDef& edits::reset_moments() {
  static constexpr EditDef def{.name = "reset_moments",
                               .meaning =
                                   "makes the optimizer forget: its moments become zero; warm-up "
                                   "and bias correction count on",
                               .schema = schema,
                               .apply = apply};
  return def;
}

}  // namespace grok
