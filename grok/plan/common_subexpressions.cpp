#include <map>
#include <tuple>

#include "grok/plan/pass.h"
#include "grok/plan/rewrite.h"

// What is written twice is computed once: same op, same inputs, same attributes. Constants that
// hold the same numbers are one constant.
namespace grok {
namespace {

// Of two nodes with hook points only the first keeps its name: they hold the same value, and a
// captured one is an output, which keeps its own name.
Graph run(const Graph& old) {
  Rewrite rewrite(old);
  std::map<std::tuple<const OpDef*, std::vector<NodeId>, std::string>, NodeId> seen;
  std::vector<NodeId> constants;
  for (NodeId id = 0; id < old.size(); ++id) {
    const Node& node = old[id];
    if (node.constant) {
      NodeId same = no_node;
      for (const NodeId c : constants)
        if (*rewrite.graph()[c].constant == *node.constant) same = c;
      if (same == no_node) constants.push_back(same = rewrite.copy(id));
      rewrite.map(id, same);
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
