#include <algorithm>
#include <string>

#include "grok/base/torch_random.h"
#include "grok/tasks/digit_columns.h"
#include "grok/tasks/generated.h"
#include "grok/tasks/task.h"

// Sums (and differences) of numbers of n digits, digit by digit, teacher-forced: the whole equation
// is the input, and each token of the answer is read one position before it stands. Operands may
// have leading zeros.
//
//   "nanda"    x (n digits, most significant first), '+' = 10, y (n), '=' = 11, sum (n + 1):
//              3 n + 3 tokens, d_vocab 12, d_vocab_out 10. Read are the n + 1 digits of the sum,
//              from
//              '=' on. Sums only
//   "quirke"   x (n), '+' = 10 or '-' = 11, y (n), '=' = 12, sign, |answer| (n + 1): 3 n + 4
//   tokens,
//              d_vocab = d_vocab_out = 15 (13 and 14, '*' and '/', are never used). Read are the
//              sign ('+' if the answer is 0 or more, else '-') and the n + 1 digits
//   answers    at first_answer = 2 n + 1, the position of '=', and those after it. The last token
//   is
//              part of the input as in both sources (their position embeddings have a row for
//              it), though no answer depends on it
//   enriched   with this probability a question is made harder. A sum: each pair of digits is made
//              to sum to nine, by changing x's, with probability `nines`. A difference: one time in
//              100 y becomes x; else every digit of y below 9 grows by 1. The sources do so batch
//              by batch (paper 1: enriched 0.2, nines 0.2; the program of paper 2: 0.4 and 0.4);
//              here each example has its own draws
//   classes    sub_task: of each digit, and "sign"; complexity: of the example. digit_columns.h
//   data_rng   "torch": a generator of data_seed draws, for each batch, randint(0, 10) for all
//              digits of all x, then of all y; that of data_seed + 1 draws what is tested with. So
//              drawn, the first two batches of the published per-token run (seed 129000) give its
//              losses of steps 0 and 1 to six digits
//   source     Nanda et al. 2023, arXiv:2301.05217 ("nanda"); Quirke and Barez 2023,
//              arXiv:2310.13121 (paper 1: "nanda", enriched); Quirke, Neo and Barez 2024,
//              arXiv:2402.02619 (paper 2: "quirke")
namespace grok {
namespace {

constexpr Token plus = 10, minus = 11;

struct Layout {
  std::size_t n;  // digits of an operand
  bool is_quirke;

  explicit Layout(const Params& p)
      : n(static_cast<std::size_t>(p.integer("n_digits"))),
        is_quirke(p.text("format") == "quirke") {}
  std::size_t n_signs() const { return is_quirke ? 1 : 0; }
  std::size_t n_ctx() const { return 3 * n + 3 + n_signs(); }
  std::size_t n_answers() const { return n + 1 + n_signs(); }
  std::size_t at_equals() const { return 2 * n + 1; }
  std::span<Token> x(std::span<Token> row) const { return row.first(n); }
  std::span<Token> y(std::span<Token> row) const { return row.subspan(n + 1, n); }
};

struct Mix {
  double subtraction, enriched, nines;

  explicit Mix(const Params& p)
      : subtraction(p.text("operation") == "addition"      ? 0.0
                    : p.text("operation") == "subtraction" ? 1.0
                                                           : p.real("subtraction_share")),
        enriched(p.real("enriched")),
        nines(p.real("nines")) {}
};

void check(const Params& params, Mistakes& mistakes) {
  const bool is_sum = params.text("operation") == "addition";
  if (!is_sum && params.text("format") == "nanda")
    mistakes.add("operation",
                 "expected \"addition\", since format \"nanda\" has no sign for differences; "
                 "format = \"quirke\" has one");
  if (params.text("data_rng") != "torch") return;
  if (!is_sum)
    mistakes.add("data_rng", "\"torch\" draws sums only, but operation is \"" +
                                 params.text("operation") + "\"");
  if (params.real("enriched") > 0)
    mistakes.add("data_rng",
                 "\"torch\" cannot enrich: the sources decided that by an unseeded generator");
}

Schema make_schema() {
  Schema out;
  const auto share = [&](const char* name, double otherwise, const char* meaning) {
    out.fields.push_back({.name = name,
                          .type = FieldType::real,
                          .default_value = Value{otherwise},
                          .range = from_to(0, 1),
                          .meaning = meaning});
  };
  out.fields = {
      {.name = "n_digits",
       .type = FieldType::integer,
       .default_value = Value{std::int64_t{5}},
       .range = from_to(1, 100),
       .meaning = "Digits of each operand."},
      {.name = "format",
       .type = FieldType::text,
       .default_value = Value{std::string("nanda")},
       .words = {"nanda", "quirke"},
       .meaning = "Tokens of an equation: of 12 kinds without a sign, or of 15 with one."},
      {.name = "operation",
       .type = FieldType::text,
       .default_value = Value{std::string("addition")},
       .words = {"addition", "subtraction", "mixed"},
       .meaning = "What is done with the two numbers; mixed is some of both."}};
  share("subtraction_share", 0.66, "Share of differences, if operation is mixed.");
  share("enriched", 0.0, "Share of questions that are made harder than chance makes them.");
  share("nines", 0.4, "Share of the digit pairs of an enriched sum that are made to sum to nine.");
  for (Field& field : generated_fields(700)) out.fields.push_back(std::move(field));
  out.fields.push_back(data_rng_field("torch"));
  out.check = check;
  return out;
}

const Schema& schema() {
  static const Schema schema = make_schema();
  return schema;
}

// Writes what follows from the operands, which stand in the row already.
void complete(const Layout& layout, DigitOperation operation, ExampleSlot out) {
  const std::span<Token> answer = out.tokens.subspan(layout.at_equals() + 1);
  const std::span<Token> digits = answer.subspan(layout.n_signs());
  const Tokens x = layout.x(out.tokens), y = layout.y(out.tokens);
  const bool is_sum = operation == DigitOperation::addition;
  Token sign = plus;
  if (is_sum)
    add_digits(x, y, digits);
  else if (subtract_digits(x, y, digits))
    sign = minus;
  out.tokens[layout.n] = is_sum ? plus : minus;
  out.tokens[layout.at_equals()] = layout.is_quirke ? 12 : 11;
  if (layout.is_quirke) answer[0] = sign;
  std::copy(answer.begin(), answer.end(), out.labels.begin());
}

void enrich(DigitOperation operation, double nines, std::span<Token> x, std::span<Token> y,
            Draws& draws) {
  if (operation == DigitOperation::addition) {
    for (std::size_t i = 0; i < x.size(); ++i)
      if (draws.uniform() < nines) x[i] = 9 - y[i];
  } else if (draws.below(100) == 0) {
    std::copy(x.begin(), x.end(), y.begin());
  } else {
    for (Token& digit : y) digit = std::min(digit + 1, 9);
  }
}

void draw_example(const Layout& layout, const Mix& mix, Draws& draws, ExampleSlot out) {
  const auto x = layout.x(out.tokens), y = layout.y(out.tokens);
  const bool is_difference = draws.uniform() < mix.subtraction;
  const auto operation = is_difference ? DigitOperation::subtraction : DigitOperation::addition;
  for (Token& digit : x) digit = draws.below(10);
  for (Token& digit : y) digit = draws.below(10);
  if (draws.uniform() < mix.enriched) enrich(operation, mix.nines, x, y, draws);
  complete(layout, operation, out);
}

void draw_as_torch(const Layout& layout, TorchRandom& stream, Examples& out) {
  const std::int64_t n = out.tokens.shape[0];
  const auto digit = [&] { return static_cast<Token>(stream.randint(0, 10)); };
  for (std::int64_t i = 0; i < n; ++i)
    std::ranges::generate(layout.x(slot_of(out, i).tokens), digit);
  for (std::int64_t i = 0; i < n; ++i)
    std::ranges::generate(layout.y(slot_of(out, i).tokens), digit);
  for (std::int64_t i = 0; i < n; ++i) complete(layout, DigitOperation::addition, slot_of(out, i));
}

// The classes of all examples, found from their tokens.
void set_classes(const Layout& layout, TaskData& data) {
  AnswerClasses sub_task{"sub_task", sub_task_names(), TokenTensor(data.labels.shape)};
  AnswerClasses complexity{"complexity", complexity_names(), TokenTensor(data.labels.shape)};
  if (layout.is_quirke) sub_task.classes.emplace_back("sign");
  for (std::int64_t i = 0; i < data.n_examples(); ++i) {
    const auto width = layout.n_ctx();
    const auto row = data.tokens.span().subspan(static_cast<std::size_t>(i) * width, width);
    const DigitQuestion question{
        layout.x(row), layout.y(row),
        row[layout.n] == plus ? DigitOperation::addition : DigitOperation::subtraction};
    std::vector<Token> parts = sub_tasks_of(question);
    if (layout.is_quirke) parts.insert(parts.begin(), n_sub_tasks);
    const auto at = i * data.n_answers;
    std::copy(parts.begin(), parts.end(), sub_task.of.data.begin() + at);
    std::fill_n(complexity.of.data.begin() + at, data.n_answers, complexity_of(question));
  }
  data.classes = {std::move(sub_task), std::move(complexity)};
}

TaskData drawn(const Params& params, const Layout& layout, TaskData data) {
  if (params.text("data_rng") == "philox") {
    const Mix mix(params);
    return generated(std::move(data), params,
                     [=](Draws& draws, ExampleSlot out) { draw_example(layout, mix, draws, out); });
  }
  const auto seed = static_cast<std::uint64_t>(params.integer("data_seed"));
  const DrawBatch<TorchRandom> draw = [layout](TorchRandom& stream, Examples& out) {
    draw_as_torch(layout, stream, out);
  };
  return generated_from(std::move(data), params, batches_from(seed, draw),
                        batches_from(seed + 1, draw));
}

TaskData make(const Params& params) {
  const Layout layout(params);
  TaskData data;
  data.d_vocab = layout.is_quirke ? 15 : 12;
  data.d_vocab_out = layout.is_quirke ? 15 : 10;
  data.n_ctx = static_cast<int>(layout.n_ctx());
  data.n_answers = static_cast<int>(layout.n_answers());
  data.first_answer = static_cast<int>(layout.at_equals());
  data = drawn(params, layout, std::move(data));
  set_classes(layout, data);
  return data;
}

}  // namespace

const TaskDef& tasks::digit_addition() {
  static constexpr TaskDef def{
      .name = "digit_addition",
      .meaning = "sums and differences of numbers, digit by digit",
      .source = "Nanda et al. 2023, arXiv:2301.05217; Quirke and Barez 2023, arXiv:2310.13121",
      .schema = schema,
      .make = make};
  return def;
}

}  // namespace grok
