#include "grok/tasks/bits.h"
#include "grok/tasks/task.h"

// Whether an odd number of the k bits that matter is 1: class 1, else class 0. The other bits are
// noise. Tokens and features: bits.h.
//   source  Barak et al. 2022, arXiv:2207.08799; Merrill et al. 2023, arXiv:2303.11873 (40 bits, 3
//           of them, 1000 examples)
namespace grok {
namespace {

Schema make_schema() {
  Schema out;
  out.fields = bit_fields(40, 3);
  for (Field& field : generated_fields(1000)) out.fields.push_back(std::move(field));
  out.check = check_bits;
  return out;
}

const Schema& schema() {
  static const Schema schema = make_schema();
  return schema;
}

TaskData make(const Params& params) {
  return bits_data(
      params, 2, [places = relevant_bits(params)](Tokens bits) { return parity_of(bits, places); });
}

}  // namespace

const TaskDef& tasks::sparse_parity() {
  static constexpr TaskDef def{
      .name = "sparse_parity",
      .meaning = "the parity of a few bits among many",
      .source = "Barak et al. 2022, arXiv:2207.08799; Merrill et al. 2023, arXiv:2303.11873",
      .schema = schema,
      .make = make};
  return def;
}

}  // namespace grok
