#include "grok/tasks/equations.h"

#include <algorithm>
#include <array>
#include <string>

#include "grok/base/error.h"
#include "grok/base/python_random.h"
#include "grok/base/rng.h"
#include "grok/tasks/split.h"

namespace grok {
namespace {

// Tokens and labels of all rows; `write` makes those of one.
template <std::size_t n_ctx, std::size_t n_answers, class F>
void write_rows(const std::vector<Equation>& rows, TaskData& data, F write) {
  const auto n = static_cast<std::int64_t>(rows.size());
  data.n_ctx = static_cast<int>(n_ctx);
  data.n_answers = static_cast<int>(n_answers);
  data.tokens = TokenTensor({n, data.n_ctx});
  data.labels = TokenTensor({n, data.n_answers});
  auto token = data.tokens.data.begin();
  auto label = data.labels.data.begin();
  for (const Equation& e : rows) {
    const auto [tokens, labels] = write(e);
    token = std::copy(tokens.begin(), tokens.end(), token);
    label = std::copy(labels.begin(), labels.end(), label);
  }
}

template <std::size_t n_ctx, std::size_t n_answers>
struct Row {
  std::array<Token, n_ctx> tokens;
  std::array<Token, n_answers> labels;
};

TaskData in_pizza_layout(const Equations& equations, Token offset_of_b) {
  TaskData data;
  data.d_vocab = equations.n_symbols + offset_of_b;
  data.d_vocab_out = equations.n_symbols;
  data.modulus = equations.modulus;
  write_rows<2, 1>(equations.rows, data, [&](const Equation& e) {
    return Row<2, 1>{{e.a, e.b + offset_of_b}, {e.c}};
  });
  return data;
}

TaskData in_openai_layout(const Equations& equations) {
  using namespace openai;
  GROK_REQUIRE(equations.op.has_value(), "no such operator there");
  const Token op = token_of(*equations.op), first = equations.first_symbol;
  TaskData data;
  data.d_vocab = equations.d_vocab;
  data.d_vocab_out = equations.d_vocab;
  write_rows<6, 2>(equations.rows, data, [&](const Equation& e) {
    return Row<6, 2>{{end_of_sequence, first + e.a, op, first + e.b, equals, first + e.c},
                     {first + e.c, end_of_sequence}};
  });
  return data;
}

// Which equations' answers stand in, as places in the shuffled list.
std::vector<std::size_t> noise_draws(const Params& task, std::size_t n_noise, std::size_t n) {
  const auto seed = static_cast<std::uint64_t>(task.integer("split_seed"));
  std::vector<std::size_t> out(n_noise);
  if (task.text("split_rng") == "numpy") {
    NumpyRandom stream(static_cast<std::uint32_t>(seed));
    std::vector<std::int32_t> same_list(n);
    stream.shuffle(std::span<std::int32_t>(same_list));
    for (std::size_t& draw : out)
      draw = static_cast<std::size_t>(stream.randint(0, static_cast<std::int64_t>(n)));
  } else {
    const Rng rng(seed, "noise");
    for (std::size_t i = 0; i < n_noise; ++i) out[i] = rng.below(i, n);
  }
  return out;
}

void add_noise(const Params& task, const Split& split, std::vector<Equation>& rows) {
  const auto n_noise = static_cast<std::size_t>(task.integer("noise"));
  std::vector<std::int32_t> order = split.train;
  order.insert(order.end(), split.test.begin(), split.test.end());
  std::vector<Token> answers;
  for (const std::size_t draw : noise_draws(task, n_noise, rows.size()))
    answers.push_back(rows[static_cast<std::size_t>(order[draw])].c);
  for (std::size_t i = 0; i < n_noise; ++i) rows[static_cast<std::size_t>(order[i])].c = answers[i];
}

}  // namespace

std::vector<Field> equation_fields(double train_fraction) {
  std::vector<Field> out{
      {.name = "layout",
       .type = FieldType::text,
       .default_value = Value{std::string("nanda")},
       .words = {"nanda", "openai", "pizza"},
       .meaning = "Tokens: a, b, =; or eos, a, operator, b, =, c with one vocabulary for all "
                  "operators; or a, b."},
      {.name = "separate_operands",
       .type = FieldType::flag,
       .default_value = Value{false},
       .meaning = "Whether the second operand has tokens of its own."},
      {.name = "noise",
       .type = FieldType::integer,
       .default_value = Value{std::int64_t{0}},
       .range = at_least(0),
       .meaning = "Training examples whose answer is replaced by that of a random equation."}};
  for (Field& field : split_fields(train_fraction)) out.push_back(std::move(field));
  return out;
}

void check_equations(const Params& task, std::int64_t n, bool has_operator, Mistakes& mistakes) {
  check_split(task, n, mistakes);
  const bool is_openai = task.text("layout") == "openai";
  if (is_openai && !has_operator)
    mistakes.add("layout", "\"openai\" has no token for this operation");
  if (is_openai && task.flag("separate_operands"))
    mistakes.add("separate_operands", "\"openai\" has one vocabulary for both operands");
  const std::int32_t n_train =
      n_trained(static_cast<std::int32_t>(n), task.real("train_fraction"), task.text("split_rng"));
  if (task.integer("noise") > n_train)
    mistakes.add("noise", "expected at most the " + std::to_string(n_train) +
                              " examples that are trained on, found " +
                              std::to_string(task.integer("noise")));
}

TaskData in_nanda_layout(const Equations& equations, Token offset_of_b) {
  const Token equals = equations.n_symbols + offset_of_b;
  TaskData data;
  data.d_vocab = equals + 1;
  data.d_vocab_out = equations.n_symbols + 1;
  data.modulus = equations.modulus;
  write_rows<3, 1>(equations.rows, data, [&](const Equation& e) {
    return Row<3, 1>{{e.a, e.b + offset_of_b, equals}, {e.c}};
  });
  return data;
}

TaskData equations_data(Equations equations, const Params& task) {
  Split split = split_of(task, static_cast<std::int64_t>(equations.rows.size()));
  add_noise(task, split, equations.rows);
  const std::string& layout = task.text("layout");
  const Token offset = task.flag("separate_operands") ? equations.n_symbols : 0;
  TaskData data = layout == "openai"  ? in_openai_layout(equations)
                  : layout == "pizza" ? in_pizza_layout(equations, offset)
                                      : in_nanda_layout(equations, offset);
  data.group = equations.group;
  if (data.group && layout == "openai") data.group->first = equations.first_symbol;
  data.train = std::move(split.train);
  data.test = std::move(split.test);
  return data;
}

}  // namespace grok
