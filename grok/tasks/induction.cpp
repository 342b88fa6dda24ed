#include "grok/tasks/generated.h"
#include "grok/tasks/task.h"

// Random tokens, and the same once more: from the first token of the second half on, each next
// token can be looked up in the first half.
//
//   tokens    the begin token d_vocab - 1 if `begin`; x_1 .. x_n; x_1 .. x_{n-1}, with n = length
//             and each x in 0 .. n_tokens - 1. x_n of the second half is an answer only, so it
//             does not stand there
//   answers   at the last n - 1 positions, those of the second half: x_2 .. x_n
//   source    Elhage et al. 2021, "A mathematical framework for transformer circuits"; Olsson et
//             al. 2022, arXiv:2209.11895
namespace grok {
namespace {

Schema make_schema() {
  Schema out;
  out.fields = {{.name = "n_tokens",
                 .type = FieldType::integer,
                 .default_value = Value{std::int64_t{64}},
                 .range = from_to(2, 100'000),
                 .meaning = "Different tokens that are repeated."},
                {.name = "length",
                 .type = FieldType::integer,
                 .default_value = Value{std::int64_t{32}},
                 .range = from_to(2, 5'000),
                 .meaning = "Tokens in one half of the sequence."},
                {.name = "begin",
                 .type = FieldType::flag,
                 .default_value = Value{true},
                 .meaning = "Whether a token of its own begins the sequence, on which heads can "
                            "rest."}};
  for (Field& field : generated_fields(512)) out.fields.push_back(std::move(field));
  return out;
}

const Schema& schema() {
  static const Schema schema = make_schema();
  return schema;
}

TaskData make(const Params& params) {
  const auto n_tokens = static_cast<Token>(params.integer("n_tokens"));
  const auto length = static_cast<std::size_t>(params.integer("length"));
  const std::size_t begin = params.flag("begin") ? 1 : 0;
  TaskData data;
  data.d_vocab = n_tokens + static_cast<int>(begin);
  data.d_vocab_out = n_tokens;
  data.n_ctx = static_cast<int>(begin + 2 * length - 1);
  data.n_answers = static_cast<int>(length - 1);
  return generated(std::move(data), params, [=](Draws& draws, ExampleSlot out) {
    if (begin == 1) out.tokens[0] = n_tokens;
    const std::span<Token> x = out.tokens.subspan(begin);
    for (std::size_t i = 0; i < length; ++i) x[i] = draws.below(n_tokens);
    for (std::size_t i = 0; i + 1 < length; ++i) {
      x[length + i] = x[i];
      out.labels[i] = x[i + 1];
    }
  });
}

}  // namespace

const TaskDef& tasks::induction() {
  static constexpr TaskDef def{.name = "induction",
                               .meaning = "the next token of a random sequence heard once before",
                               .source = "Olsson et al. 2022, arXiv:2209.11895",
                               .schema = schema,
                               .make = make};
  return def;
}

}  // namespace grok
