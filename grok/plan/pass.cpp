#include "grok/plan/pass.h"

#include <algorithm>

#include "grok/base/error.h"
#include "grok/ops/catalog.h"

namespace grok {

std::span<const Pass* const> pass_catalog() {
  static const Pass* const all[] = {
#define GROK_PASS(name) &passes::name(),
#include "grok/plan/passes.def"
#undef GROK_PASS
  };
  return all;
}

Cost cost_of(const Graph& graph) {
  Cost cost;
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    if (is_leaf(node) || node.op == &ops::reshape()) continue;
    const std::vector<TensorType> inputs = graph.input_types(node);
    ++cost.n_ops;
    if (node.op->flops) cost.flops += node.op->flops(inputs, node.type, node.attributes);
    cost.bytes += static_cast<double>(node.type.bytes());
    for (const TensorType& t : inputs) cost.bytes += static_cast<double>(t.bytes());
  }
  return cost;
}

Graph optimize(const Graph& graph, std::span<const std::string> names) {
  std::vector<PassReport> reports;
  return optimize_reporting(graph, names, reports);
}

Graph optimize_reporting(const Graph& graph, std::span<const std::string> names,
                         std::vector<PassReport>& reports) {
  for (const std::string& name : names) {
    const auto all = pass_catalog();
    if (std::none_of(all.begin(), all.end(), [&](const Pass* p) { return p->name == name; })) {
      std::string known;
      for (const Pass* p : all) known += (known.empty() ? "" : ", ") + std::string(p->name);
      throw Error(ErrorCode::usage, "no pass named " + name + "; there are: " + known);
    }
  }
  Graph current = graph;
  for (const Pass* pass : pass_catalog()) {
    if (!names.empty() && std::find(names.begin(), names.end(), pass->name) == names.end())
      continue;
    current = pass->run(current);
    verify(current);
    reports.push_back({pass->name, pass->meaning, cost_of(current)});
  }
  return current;
}

}  // namespace grok
