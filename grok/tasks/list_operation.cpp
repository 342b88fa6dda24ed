#include <algorithm>
#include <string>

#include "grok/tasks/openai_vocabulary.h"
#include "grok/tasks/split.h"
#include "grok/tasks/task.h"

// A list of distinct numbers, to be sorted, turned round, or copied.
//
//   tokens    eos, operator, x_1 .. x_k, '=', y_1 .. y_k, in the vocabulary of
//             openai_vocabulary.h, with k = length
//   answers   at '=' and the y's: y_1 .. y_k and the closing eos
//   rows      all lists of `length` different numbers below n_numbers, in lexicographic order
//   source    Power et al. 2022, arXiv:2201.02177 (its program, openai/grok; it fixes no lists for
//             these operators: which lists there are is our choice)
namespace grok {
namespace {

constexpr std::int64_t most_rows = 1'000'000;

// n (n - 1) ... (n - k + 1), or just above most_rows if that is more.
std::int64_t n_lists(std::int64_t n, std::int64_t k) {
  std::int64_t out = 1;
  for (std::int64_t i = 0; i < k; ++i) out = std::min(out * (n - i), most_rows + 1);
  return out;
}

void check(const Params& params, Mistakes& mistakes) {
  const std::int64_t n = params.integer("n_numbers"), k = params.integer("length");
  if (k > n) {
    mistakes.add("length", "expected at most n_numbers = " + std::to_string(n) +
                               ", since the numbers of a list differ, found " + std::to_string(k));
    return;
  }
  if (n_lists(n, k) > most_rows) {
    mistakes.add("n_numbers", "gives more than " + std::to_string(most_rows) + " lists of length " +
                                  std::to_string(k) + "; take fewer numbers or shorter lists");
    return;
  }
  check_split(params, n_lists(n, k), mistakes);
}

Schema make_schema() {
  Schema out;
  out.fields = {{.name = "operation",
                 .type = FieldType::text,
                 .default_value = Value{std::string("sort")},
                 .words = {"sort", "reverse", "copy"},
                 .meaning = "What is done with the list."},
                {.name = "length",
                 .type = FieldType::integer,
                 .default_value = Value{std::int64_t{3}},
                 .range = from_to(1, 16),
                 .meaning = "Numbers in a list."},
                {.name = "n_numbers",
                 .type = FieldType::integer,
                 .default_value = Value{std::int64_t{20}},
                 .range = from_to(2, 1000),
                 .meaning = "The numbers are those below it."}};
  for (Field& field : split_fields(0.5)) out.fields.push_back(std::move(field));
  out.check = check;
  return out;
}

const Schema& schema() {
  static const Schema schema = make_schema();
  return schema;
}

using List = std::vector<Token>;

// Calls `use` with every list of k different numbers below n that begins so.
template <class F>
void for_each_list(Token n, std::size_t k, List& begun, F& use) {
  if (begun.size() == k) {
    use(begun);
    return;
  }
  for (Token x = 0; x < n; ++x) {
    if (std::find(begun.begin(), begun.end(), x) != begun.end()) continue;
    begun.push_back(x);
    for_each_list(n, k, begun, use);
    begun.pop_back();
  }
}

List result_of(const std::string& operation, List list) {
  if (operation == "sort") std::sort(list.begin(), list.end());
  if (operation == "reverse") std::reverse(list.begin(), list.end());
  return list;
}

openai::Operator operator_of(const std::string& operation) {
  return operation == "sort"      ? openai::Operator::sort
         : operation == "reverse" ? openai::Operator::reverse
                                  : openai::Operator::copy;
}

TaskData make(const Params& params) {
  const auto n = static_cast<Token>(params.integer("n_numbers"));
  const auto k = static_cast<std::size_t>(params.integer("length"));
  const std::string& operation = params.text("operation");
  const Token op = openai::token_of(operator_of(operation));
  TaskData data;
  data.d_vocab = openai::first_number + n + openai::n_permutations;
  data.d_vocab_out = data.d_vocab;
  data.n_ctx = static_cast<int>(2 * k + 3);
  data.n_answers = static_cast<int>(k + 1);
  data.tokens = TokenTensor({n_lists(n, static_cast<std::int64_t>(k)), data.n_ctx});
  data.labels = TokenTensor({data.tokens.shape[0], data.n_answers});
  auto token = data.tokens.data.begin();
  auto label = data.labels.data.begin();
  const auto number = [](Token x) { return openai::first_number + x; };
  auto write = [&](const List& list) {
    const List result = result_of(operation, list);
    *token++ = openai::end_of_sequence;
    *token++ = op;
    token = std::transform(list.begin(), list.end(), token, number);
    *token++ = openai::equals;
    token = std::transform(result.begin(), result.end(), token, number);
    label = std::transform(result.begin(), result.end(), label, number);
    *label++ = openai::end_of_sequence;
  };
  List begun;
  for_each_list(n, k, begun, write);
  split_rows(params, data);
  return data;
}

}  // namespace

const TaskDef& tasks::list_operation() {
  static constexpr TaskDef def{.name = "list_operation",
                               .meaning = "a list of numbers sorted, turned round or copied",
                               .source = "Power et al. 2022, arXiv:2201.02177",
                               .schema = schema,
                               .make = make};
  return def;
}

}  // namespace grok
