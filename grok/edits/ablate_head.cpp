#include "grok/base/error.h"
#include "grok/edits/edit.h"
#include "grok/edits/parts.h"

// Its values and its output become zero, weights and moments: then neither has a gradient, and the
// head stays away for good.
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{{{.name = "head",
                               .type = FieldType::integer,
                               .range = at_least(0),
                               .meaning = "counted from 0"},
                              layer_field()}};
  return schema;
}

void apply(const EditCall& call) {
  const std::int64_t n_blocks = n_blocks_with(call, "attn.W_V", "attention heads");
  const std::string attention = block_in_question(call, n_blocks) + "attn.";
  for (const char* part : {"W_V", "W_O"}) {
    const Shape& shape = weight_named(call, attention + part).shape;  // [n_heads, ., .]
    const std::int64_t head = call.params.integer("head");
    if (head >= shape[0])
      throw Error(ErrorCode::usage, "head " + std::to_string(head) + ": there are " +
                                        std::to_string(shape[0]) + ", counted from 0");
    const auto size = static_cast<std::size_t>(shape[1] * shape[2]);
    const std::size_t begin = static_cast<std::size_t>(head) * size;
    for (std::size_t i = begin; i < begin + size; ++i) clear(call, attention + part, i);
  }
}

}  // namespace

const EditDef& edits::ablate_head() {
  static constexpr EditDef def{.name = "ablate_head",
                               .meaning = "takes an attention head out of the network, for good",
                               .schema = schema,
                               .apply = apply};
  return def;
}

}  // namespace grok
