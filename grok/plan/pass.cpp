#include "grok/plan/pass.h"

#include <algorithm>

#include "grok/base/error.h"
#include "grok/ops/catalog.h"
#include "grok/plan/region.h"

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
  const std::vector<bool> kept_inside = values_kept_inside(graph);
  const auto add_bytes = [&](NodeId value) {
    if (!kept_inside[static_cast<std::size_t>(value)])
      cost.bytes += static_cast<double>(graph[value].type.bytes());
  };
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    if (is_leaf(node) || node.op == &ops::reshape()) continue;
    ++cost.n_ops;
    if (node.op->flops)
      cost.flops += node.op->flops(graph.input_types(node), node.type, node.attributes);
    add_bytes(id);
    for (const NodeId input : node.inputs) add_bytes(input);
  }
  return cost;
}

double seconds_of(const Cost& cost) { return cost.flops / 100e9 + cost.bytes / 25e9; }

double seconds_in_the_end(const Graph& graph) {
  Graph end = passes::shared_rows().run(graph);
  for (const Pass* pass :
       {&passes::common_subexpressions(), &passes::dead_nodes(), &passes::fused_epilogues()})
    end = pass->run(end);
  return seconds_of(cost_of(end));
}

Graph optimize(const Graph& graph, std::span<const std::string> names, Stage last) {
  std::vector<PassReport> reports;
  return optimize_reporting(graph, names, reports, last);
}

Graph optimize_reporting(const Graph& graph, std::span<const std::string> names,
                         std::vector<PassReport>& reports, Stage last) {
  for (const std::string& name : names) {
    const auto all = pass_catalog();
    if (std::none_of(all.begin(), all.end(), [&](const Pass* p) { return p->name == name; })) {
      std::string known;
      for (const Pass* p : all) known += (known.empty() ? "" : ", ") + std::string(p->name);
      throw Error(ErrorCode::usage, "no pass named \"" + name + "\"; there are: " + known);
    }
  }
  Graph current = graph;
  for (const Pass* pass : pass_catalog()) {
    if (!names.empty() && std::find(names.begin(), names.end(), pass->name) == names.end())
      continue;
    if (pass->stage > last) continue;
    current = pass->run(current);
    verify(current);
    reports.push_back({pass->name, pass->meaning, cost_of(current)});
  }
  return current;
}

}  // namespace grok
