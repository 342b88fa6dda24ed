#include <map>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "grok/plan/pass.h"
#include "grok/plan/rewrite.h"

// What is written twice is computed once: same op, same inputs, same attributes. Constants that
// hold the same numbers are one constant, and a large one that differs in shape alone is read as
// the other one reshaped: the examples of a linear model are so half the memory, in both
// directions.
namespace grok {
namespace {

/// Constants below so many numbers are not worth a node.
constexpr std::size_t min_shared = 4096;

bool have_same_numbers(const Constant& a, const Constant& b) {
  return a.index() == b.index() && std::visit(
                                       [&](const auto& x) {
                                         const auto& y = std::get<std::decay_t<decltype(x)>>(b);
                                         return x.data.size() >= min_shared && x.data == y.data;
                                       },
                                       a);
}

/// Constants of the old graph that were met, and what stands for each in the new one.
using Met = std::vector<std::pair<NodeId, NodeId>>;

NodeId shared_constant(NodeId id, const Graph& old, Rewrite& rewrite, Met& met) {
  const Constant& value = *old[id].constant;
  for (const auto& [before, now] : met)
    if (old[before].constant == old[id].constant || *old[before].constant == value) return now;
  NodeId now = no_node;
  for (const auto& [before, other] : met)
    if (now == no_node && have_same_numbers(*old[before].constant, value))
      now = reshaped(rewrite.graph(), other, old[id].type.shape);
  if (now == no_node) now = rewrite.copy(id);
  met.emplace_back(id, now);
  return now;
}

// Of two nodes with hook points only the first keeps its name: they hold the same value, and a
// captured one is an output, which keeps its own name.
Graph run(const Graph& old) {
  Rewrite rewrite(old);
  std::map<std::tuple<const OpDef*, std::vector<NodeId>, std::string>, NodeId> seen;
  Met met;
  for (NodeId id = 0; id < old.size(); ++id) {
    const Node& node = old[id];
    if (node.constant) {
      rewrite.map(id, shared_constant(id, old, rewrite, met));
      continue;
    }
    if (is_leaf(node)) {
      rewrite.copy(id);
      continue;
    }
    std::vector<NodeId> inputs;
    for (const NodeId i : node.inputs) inputs.push_back(rewrite(i));
    auto key = std::make_tuple(node.op, std::move(inputs), node.attributes.to_string());
    const auto found = seen.find(key);
    if (found != seen.end())
      rewrite.map(id, found->second);
    else
      seen.emplace(std::move(key), rewrite.copy(id));
  }
  return std::move(rewrite).finish();
}

}  // namespace

const Pass& passes::common_subexpressions() {
  static constexpr Pass pass{"common_subexpressions", "what is written twice is computed once",
                             run};
  return pass;
}

}  // namespace grok
