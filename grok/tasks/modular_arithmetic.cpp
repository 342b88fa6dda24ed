#include <string>

#include "grok/base/error.h"
#include "grok/base/rng.h"
#include "grok/spec/fields.h"
#include "grok/tasks/equations.h"
#include "grok/tasks/task.h"

// a o b = c, all mod p, for each operation o on numbers of openai/grok:
//
//   addition                       a + b
//   subtraction                    a - b
//   multiplication                 a b
//   division                       a / b; p is prime. Rows are all (c, b) in order with b > 0, and
//                                  a = b c
//   square_plus                    a^2 + b
//   cube_plus                      a^3 + b
//   sum_of_squares                 a^2 + b^2
//   squares_and_product            a^2 + b^2 + a b
//   squares_product_and_first      a^2 + b^2 + a b + a
//   cube_and_product               a^3 + a b
//   cube_and_product_with_square   a^3 + a b^2 + b
//   quotient_or_difference         a / b if b is odd, a - b if it is even; p is prime
//   sum_or_product                 a + b if a is even, a b if it is odd
//   sum_or_difference              a + b if a is even, a - b if it is odd
//   random_table                   a number drawn for each pair: there is nothing but to memorise
//
// But for division, rows are all p * p pairs, row a * p + b. How they are written: equations.h.
//   source  Power et al. 2022, arXiv:2201.02177 (its program, openai/grok)
namespace grok {
namespace {

using openai::Operator;
using Number = std::int64_t;

// 1 / b mod a prime p, by Fermat: b^(p - 2).
Number inverse(Number b, Number p) {
  Number out = 1, power = b % p;
  for (Number e = p - 2; e > 0; e /= 2) {
    if (e % 2 == 1) out = out * power % p;
    power = power * power % p;
  }
  return out;
}

struct Operation {
  const char* name;
  std::optional<Operator> op;
  bool needs_prime;
  /// Any number with the right remainder; a and b are in [0, p). Null: not a formula.
  Number (*formula)(Number a, Number b, Number p);
};

constexpr Operation operations[] = {
    {"addition", Operator::addition, false, [](Number a, Number b, Number) { return a + b; }},
    {"subtraction", Operator::subtraction, false, [](Number a, Number b, Number) { return a - b; }},
    {"multiplication", Operator::multiplication, false,
     [](Number a, Number b, Number) { return a * b; }},
    {"division", Operator::division, true, nullptr},
    {"square_plus", Operator::square_plus, false,
     [](Number a, Number b, Number) { return a * a + b; }},
    {"cube_plus", Operator::cube_plus, false,
     [](Number a, Number b, Number) { return a * a * a + b; }},
    {"sum_of_squares", Operator::sum_of_squares, false,
     [](Number a, Number b, Number) { return a * a + b * b; }},
    {"squares_and_product", Operator::squares_and_product, false,
     [](Number a, Number b, Number) { return a * a + b * b + a * b; }},
    {"squares_product_and_first", Operator::squares_product_and_first, false,
     [](Number a, Number b, Number) { return a * a + b * b + a * b + a; }},
    {"cube_and_product", Operator::cube_and_product, false,
     [](Number a, Number b, Number) { return a * a * a + a * b; }},
    {"cube_and_product_with_square", Operator::cube_and_product_with_square, false,
     [](Number a, Number b, Number) { return a * a * a + a * b * b + b; }},
    {"quotient_or_difference", Operator::quotient_or_difference, true,
     [](Number a, Number b, Number p) { return b % 2 == 1 ? a * inverse(b, p) : a - b; }},
    {"sum_or_product", Operator::sum_or_product, false,
     [](Number a, Number b, Number) { return a % 2 == 0 ? a + b : a * b; }},
    {"sum_or_difference", Operator::sum_or_difference, false,
     [](Number a, Number b, Number) { return a % 2 == 0 ? a + b : a - b; }},
    {"random_table", std::nullopt, false, nullptr}};

const Operation& operation_of(const Params& params) {
  for (const Operation& operation : operations)
    if (params.text("operation") == operation.name) return operation;
  contract_broken(__FILE__, __LINE__, "operation", params.text("operation"));
}

bool is_division(const Operation& operation) { return operation.op == Operator::division; }

// The least factor of p above 1: p itself if it is prime.
Number least_factor(Number p) {
  for (Number f = 2; f * f <= p; ++f)
    if (p % f == 0) return f;
  return p;
}

void check(const Params& params, Mistakes& mistakes) {
  const Number p = params.integer("p");
  const Operation& operation = operation_of(params);
  const Number factor = least_factor(p);
  if (operation.needs_prime && factor != p)
    mistakes.add("p", "expected a prime, since " + std::string(operation.name) +
                          " needs a reciprocal of every number, found " + std::to_string(p) +
                          " = " + std::to_string(factor) + " * " + std::to_string(p / factor));
  check_equations(params, is_division(operation) ? p * (p - 1) : p * p, operation.op.has_value(),
                  mistakes);
}

Schema make_schema() {
  Schema out;
  std::vector<std::string> words;
  for (const Operation& operation : operations) words.push_back(operation.name);
  out.fields = {{.name = "operation",
                 .type = FieldType::text,
                 .default_value = Value{std::string("multiplication")},
                 .words = words,
                 .meaning = "What is done with the two numbers."},
                {.name = "p",
                 .type = FieldType::integer,
                 .default_value = Value{std::int64_t{97}},
                 .range = from_to(2, 1000),
                 .meaning = "The modulus; a prime where the operation divides."},
                seed_field("table_seed", "Seed of the table, if the operation is random_table.")};
  for (Field& field : equation_fields(0.5)) out.fields.push_back(std::move(field));
  out.check = check;
  return out;
}

const Schema& schema() {
  static const Schema schema = make_schema();
  return schema;
}

std::vector<Equation> rows_of_division(Token p) {
  std::vector<Equation> rows;
  for (Token c = 0; c < p; ++c)
    for (Token b = 1; b < p; ++b) rows.push_back({b * c % p, b, c});
  return rows;
}

std::vector<Equation> rows_of_table(const Params& params, Token p) {
  const Rng table(static_cast<std::uint64_t>(params.integer("table_seed")), "table");
  return all_pairs(p, [&](Token a, Token b) {
    return table.below(static_cast<std::uint64_t>(a * p + b), static_cast<std::uint64_t>(p));
  });
}

TaskData make(const Params& params) {
  const auto p = static_cast<Token>(params.integer("p"));
  const Operation& operation = operation_of(params);
  Equations out{.n_symbols = p};
  if (is_division(operation)) {
    out.rows = rows_of_division(p);
  } else {
    out.modulus = p;
    out.rows = operation.formula ? all_pairs(p,
                                             [&](Token a, Token b) {
                                               const Number c = operation.formula(a, b, p) % p;
                                               return c < 0 ? c + p : c;
                                             })
                                 : rows_of_table(params, p);
  }
  if ((is_division(operation) || operation.op == Operator::multiplication) && least_factor(p) == p)
    out.group = SymbolGroup{SymbolGroup::Kind::multiplicative, p};
  out.op = operation.op;
  out.first_symbol = openai::first_number;
  out.d_vocab = openai::first_number + p + openai::n_permutations;
  return equations_data(std::move(out), params);
}

}  // namespace

const TaskDef& tasks::modular_arithmetic() {
  static constexpr TaskDef def{.name = "modular_arithmetic",
                               .meaning = "a o b mod p, for many operations o",
                               .source = "Power et al. 2022, arXiv:2201.02177",
                               .schema = schema,
                               .make = make};
  return def;
}

}  // namespace grok
