#include "grok/base/error.h"
#include "grok/edits/edit.h"
#include "grok/edits/parts.h"

namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{
      {{.name = "tensor", .type = FieldType::text, .meaning = "the weight, by name"},
       {.name = "run",
        .type = FieldType::text,
        .meaning = "the run file from which it is taken; kept as the "
                   "digest of that run's spec"},
       {.name = "step",
        .type = FieldType::integer,
        .range = at_least(0),
        .words = {"last"},
        .meaning = "the step of that run, any of them; kept as its number"}}};
  return schema;
}

void apply(const EditCall& call) {
  const std::string& name = call.params.text("tensor");
  Tensor& here = weight_named(call, name);
  std::optional<std::int64_t> step;
  if (!call.params.is_text("step")) step = call.params.integer("step");
  EditHelp::Found found = call.help.tensor_of_run(call.params.text("run"), step, name);
  if (found.tensor.shape != here.shape)
    throw Error(ErrorCode::usage, name + " has shape " + here.shape.to_string() + " here and " +
                                      found.tensor.shape.to_string() + " in " +
                                      call.params.text("run"));
  here = std::move(found.tensor);
  call.params.set("run", found.run);
  call.params.set("step", found.step);
}

}  // namespace

const EditDef& edits::swap_tensor() {
  static constexpr EditDef def{.name = "swap_tensor",
                               .meaning = "puts another run's weight in place of this one's",
                               .schema = schema,
                               .apply = apply};
  return def;
}

}  // namespace grok
