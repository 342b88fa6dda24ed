#include <algorithm>
#include <string>

#include "grok/tasks/equations.h"
#include "grok/tasks/group.h"
#include "grok/tasks/task.h"

// a o b = c in a finite group: the product a b, the conjugate a b a^-1, or a b a. All pairs of
// elements, row a * order + b. Elements are numbered, and products read, as in group.h; how
// equations are written says equations.h. In the layout "openai" the elements stand after the 97
// numbers, in place of the 120 permutations; so the symmetric group of five gives its vocabulary of
// 239, and its s5, s5conj, s5aba.
//   source  Power et al. 2022, arXiv:2201.02177; Chughtai et al. 2023, arXiv:2302.03025
namespace grok {
namespace {

constexpr std::int64_t largest_order = 1000;

std::int64_t product_of(const Integers& orders) {
  std::int64_t out = 1;
  for (const std::int64_t n : orders) out = std::min(out * n, largest_order + 1);
  return out;
}

std::int64_t order_of(const Params& params) {
  const std::string& group = params.text("group");
  const std::int64_t n = params.integer("n");
  if (group == "cyclic") return product_of(params.integers("orders"));
  if (group == "dihedral") return 2 * n;
  std::int64_t factorial = 1;
  for (std::int64_t i = 2; i <= n; ++i) factorial = std::min(factorial * i, largest_order + 1);
  return factorial;
}

void check(const Params& params, Mistakes& mistakes) {
  const bool is_cyclic = params.text("group") == "cyclic";
  const bool has_orders = !params.integers("orders").empty();
  if (is_cyclic != has_orders) {
    mistakes.add("orders", is_cyclic ? "missing; expected the order of each cyclic factor, since "
                                       "group is \"cyclic\""
                                     : "expected none, since group is not \"cyclic\" but \"" +
                                           params.text("group") + "\"");
    return;
  }
  const std::int64_t order = order_of(params);
  if (order > largest_order) {
    mistakes.add(is_cyclic ? "orders" : "n",
                 "gives more than " + std::to_string(largest_order) + " elements" +
                     (params.text("group") == "symmetric" ? "; expected n of at most 6" : ""));
    return;
  }
  check_equations(params, order * order, true, mistakes);
}

Schema make_schema() {
  Schema out;
  out.fields = {
      {.name = "group",
       .type = FieldType::text,
       .default_value = Value{std::string("symmetric")},
       .words = {"symmetric", "dihedral", "cyclic"},
       .meaning = "Permutations of n things, symmetries of an n-gon, or a product of cyclic "
                  "groups."},
      {.name = "n",
       .type = FieldType::integer,
       .default_value = Value{std::int64_t{5}},
       .range = from_to(1, 500),
       .meaning = "Things that are permuted (at most 6), or sides of the polygon."},
      {.name = "orders",
       .type = FieldType::integers,
       .default_value = Value{Texts{}},
       .range = from_to(1, 1000),
       .meaning = "Of the cyclic groups, if group is cyclic."},
      {.name = "operation",
       .type = FieldType::text,
       .default_value = Value{std::string("composition")},
       .words = {"composition", "conjugation", "aba"},
       .meaning = "a b, a b a^-1, or a b a."}};
  for (Field& field : equation_fields(0.5)) out.fields.push_back(std::move(field));
  out.check = check;
  return out;
}

const Schema& schema() {
  static const Schema schema = make_schema();
  return schema;
}

Group group_of(const Params& params) {
  const auto n = static_cast<int>(params.integer("n"));
  if (params.text("group") == "cyclic") return cyclic_product(params.integers("orders"));
  return params.text("group") == "dihedral" ? dihedral_group(n) : symmetric_group(n);
}

// Sets what the operation is called in the shared vocabulary, and the equations.
void set_equations(const Group& group, const std::string& operation, Equations& out) {
  if (operation == "composition") {
    out.op = openai::Operator::composition;
    out.rows = all_pairs(group.order, [&](Token a, Token b) { return group.product(a, b); });
  } else if (operation == "conjugation") {
    out.op = openai::Operator::conjugation;
    out.rows = all_pairs(group.order, [&](Token a, Token b) {
      return group.product(group.product(a, b), group.inverse(a));
    });
  } else {
    out.op = openai::Operator::aba;
    out.rows = all_pairs(group.order,
                         [&](Token a, Token b) { return group.product(group.product(a, b), a); });
  }
}

TaskData make(const Params& params) {
  const Group group = group_of(params);
  Equations out;
  out.n_symbols = group.order;
  set_equations(group, params.text("operation"), out);
  // One cyclic factor: elements are numbers mod its order, and everything is a function of those.
  if (params.integers("orders").size() == 1) out.modulus = group.order;
  if (params.text("group") == "symmetric")
    out.group = SymbolGroup{SymbolGroup::Kind::symmetric, static_cast<int>(params.integer("n"))};
  out.first_symbol = openai::first_number + openai::n_numbers;
  out.d_vocab = out.first_symbol + group.order;
  return equations_data(std::move(out), params);
}

}  // namespace

const TaskDef& tasks::group_composition() {
  static constexpr TaskDef def{.name = "group_composition",
                               .meaning = "products and conjugates in a finite group",
                               .source =
                                   "Power et al. 2022, arXiv:2201.02177; Chughtai et al. "
                                   "2023, arXiv:2302.03025",
                               .schema = schema,
                               .make = make};
  return def;
}

}  // namespace grok
