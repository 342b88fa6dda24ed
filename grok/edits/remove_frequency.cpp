#include "grok/edits/edit.h"
#include "grok/edits/parts.h"

// The optimizer's moments are left as they are: they carry on for some ten steps. Add reset_moments
// to have them forget.
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{{frequency_field(), of_field()}};
  return schema;
}

void apply(const EditCall& call) { scale_frequency_by(call, 0); }

}  // namespace

const EditDef& edits::remove_frequency() {
  static constexpr EditDef def{
      .name = "remove_frequency",
      .meaning = "takes a frequency out of the embedding or the unembedding",
      .schema = schema,
      .apply = apply};
  return def;
}

}  // namespace grok
