#include <algorithm>
#include <string>

#include "grok/tasks/bits.h"
#include "grok/tasks/task.h"

// A function of the k bits that matter among n_bits; tokens and features: bits.h. With x_i = -1 or
// +1 the sign that the i-th of them stands for:
//
//   parity           class 1 if an odd number of them is 1
//   majority         class 1 if most of them are 1; k is odd
//   and, or          class 1 if all, if any of them is 1
//   staircase        the number x_1 + x_1 x_2 + .. + x_1 x_2 .. x_k, from -k to k, in `targets`;
//                    finite data only
//   staircase_sign   class 1 if that number is positive; k is odd, so it is never 0
//
//   source  Abbe, Boix-Adsera and Misiakiewicz 2022, arXiv:2202.08658 (staircases)
namespace grok {
namespace {

struct Function {
  const char* name;
  bool needs_odd_k;
  Token (*value)(Tokens bits, const Places& places);
};

Token n_ones(Tokens bits, const Places& places) {
  return static_cast<Token>(
      std::ranges::count_if(places, [&](std::size_t i) { return bits[i] == 1; }));
}

Token staircase(Tokens bits, const Places& places) {
  Token sum = 0, product = 1;
  for (const std::size_t i : places) {
    product *= 2 * bits[i] - 1;
    sum += product;
  }
  return sum;
}

constexpr const char* number_name = "staircase";

constexpr Function functions[] = {
    {"parity", false, parity_of},
    {"majority", true,
     [](Tokens bits, const Places& places) {
       return 2 * n_ones(bits, places) > static_cast<Token>(places.size()) ? 1 : 0;
     }},
    {"and", false,
     [](Tokens bits, const Places& places) {
       return n_ones(bits, places) == static_cast<Token>(places.size()) ? 1 : 0;
     }},
    {"or", false,
     [](Tokens bits, const Places& places) { return n_ones(bits, places) > 0 ? 1 : 0; }},
    {number_name, false, staircase},
    {"staircase_sign", true,
     [](Tokens bits, const Places& places) { return staircase(bits, places) > 0 ? 1 : 0; }}};

const Function& function_of(const Params& params) {
  return *std::ranges::find_if(
      functions, [&](const Function& f) { return params.text("function") == f.name; });
}

void check(const Params& params, Mistakes& mistakes) {
  check_bits(params, mistakes);
  const Function& function = function_of(params);
  if (function.needs_odd_k && params.integer("k") % 2 == 0)
    mistakes.add("k", "expected an odd number, since " + std::string(function.name) +
                          " of an even one can be undecided, found " +
                          std::to_string(params.integer("k")));
  if (function.name == number_name && is_endless(params))
    mistakes.add("data",
                 "expected \"finite\", since the function \"staircase\" is a number; "
                 "\"staircase_sign\" is a class");
}

Schema make_schema() {
  Schema out;
  std::vector<std::string> words;
  for (const Function& function : functions) words.push_back(function.name);
  out.fields = {{.name = "function",
                 .type = FieldType::text,
                 .default_value = Value{std::string("staircase_sign")},
                 .words = words,
                 .meaning = "What is asked about the bits that matter."}};
  for (Field& field : bit_fields(20, 3)) out.fields.push_back(std::move(field));
  for (Field& field : generated_fields(1000)) out.fields.push_back(std::move(field));
  out.check = check;
  return out;
}

const Schema& schema() {
  static const Schema schema = make_schema();
  return schema;
}

// The same examples with the function's values as numbers, and no classes.
TaskData with_targets(TaskData data, const Function& function, const Places& places) {
  Tensor targets({data.n_examples(), 1});
  const auto n_ctx = static_cast<std::size_t>(data.n_ctx);
  for (std::size_t i = 0; i < targets.data.size(); ++i)
    targets.data[i] =
        static_cast<float>(function.value(data.tokens.span().subspan(i * n_ctx, n_ctx), places));
  data.targets = std::make_shared<const Tensor>(std::move(targets));
  return data;
}

TaskData make(const Params& params) {
  const Function& function = function_of(params);
  const Places places = relevant_bits(params);
  if (function.name == number_name)
    return with_targets(bits_data(params, 1, [](Tokens) { return 0; }), function, places);
  return bits_data(params, 2,
                   [&function, places](Tokens bits) { return function.value(bits, places); });
}

}  // namespace

const TaskDef& tasks::boolean() {
  static constexpr TaskDef def{.name = "boolean",
                               .meaning = "parity, majority, and, or, staircases of some bits",
                               .source = "Abbe et al. 2022, arXiv:2202.08658",
                               .schema = schema,
                               .make = make};
  return def;
}

}  // namespace grok
