#include "grok/tasks/bits.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "grok/base/rng.h"
#include "grok/spec/fields.h"

namespace grok {

std::vector<Field> bit_fields(std::int64_t n_bits, std::int64_t k) {
  return {{.name = "n_bits",
           .type = FieldType::integer,
           .default_value = Value{n_bits},
           .range = from_to(1, 10'000),
           .meaning = "Bits of an example."},
          {.name = "k",
           .type = FieldType::integer,
           .default_value = Value{k},
           .range = from_to(1, 10'000),
           .meaning = "Bits that matter."},
          {.name = "subset",
           .type = FieldType::text,
           .default_value = Value{std::string("first")},
           .words = {"first", "drawn"},
           .meaning = "Which bits matter: the first k, or k drawn ones in the order drawn."},
          seed_field("subset_seed", "Seed of the bits that matter, if subset is drawn.")};
}

void check_bits(const Params& task, Mistakes& mistakes) {
  if (task.integer("k") > task.integer("n_bits"))
    mistakes.add("k", "expected at most n_bits = " + std::to_string(task.integer("n_bits")) +
                          ", found " + std::to_string(task.integer("k")));
}

Places relevant_bits(const Params& task) {
  const auto n = static_cast<std::int32_t>(task.integer("n_bits"));
  std::vector<std::int32_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  if (task.text("subset") == "drawn")
    order = Rng(static_cast<std::uint64_t>(task.integer("subset_seed")), "subset").shuffled(n);
  return {order.begin(), order.begin() + static_cast<std::ptrdiff_t>(task.integer("k"))};
}

TaskData bits_data(const Params& task, int n_classes, const BitAnswer& answer) {
  TaskData data;
  data.d_vocab = 2;
  data.d_vocab_out = n_classes;
  data.n_ctx = static_cast<int>(task.integer("n_bits"));
  constexpr float signs[] = {-1, 1};
  data.features = std::make_shared<const Tensor>(Shape{2, 1}, signs);
  return generated(std::move(data), task, [answer](Draws& draws, ExampleSlot out) {
    for (Token& bit : out.tokens) bit = draws.below(2);
    out.labels[0] = answer(out.tokens);
  });
}

Token parity_of(Tokens bits, const Places& places) {
  Token out = 0;
  for (const std::size_t i : places) out ^= bits[i];
  return out;
}

}  // namespace grok
