#include "grok/plan/gradient.h"

#include "grok/base/error.h"
#include "grok/ops/catalog.h"

namespace grok {
namespace {

// Which of the nodes [0, n) lead to one of `targets`: only these need a gradient.
std::vector<bool> depends_on(const Graph& graph, NodeId n, const std::vector<NodeId>& targets) {
  std::vector<bool> depends(static_cast<std::size_t>(n));
  for (const NodeId target : targets) depends[static_cast<std::size_t>(target)] = true;
  for (NodeId id = 0; id < n; ++id)
    for (const NodeId input : graph[id].inputs)
      if (depends[static_cast<std::size_t>(input)]) depends[static_cast<std::size_t>(id)] = true;
  return depends;
}

}  // namespace

std::vector<NodeId> gradient(Graph& graph, NodeId loss,
                             const std::vector<NodeId>& with_respect_to) {
  GROK_REQUIRE(graph[loss].type == (TensorType{{}, DType::f64}), graph[loss].type.to_string());
  return pulled_back(graph, loss, graph.constant(1.0), with_respect_to);
}

std::vector<NodeId> pulled_back(Graph& graph, NodeId node, NodeId cotangent,
                                const std::vector<NodeId>& with_respect_to) {
  GROK_REQUIRE(graph[node].type == graph[cotangent].type, graph[cotangent].type.to_string());
  const std::vector<bool> needed = depends_on(graph, node + 1, with_respect_to);
  std::vector<NodeId> gradients(static_cast<std::size_t>(node) + 1, no_node);
  gradients[static_cast<std::size_t>(node)] = cotangent;
  for (NodeId id = node; id >= 0; --id) {
    const NodeId arrived = gradients[static_cast<std::size_t>(id)];
    if (arrived == no_node || is_leaf(graph[id]) || !needed[static_cast<std::size_t>(id)]) continue;
    const OpDef& op = *graph[id].op;
    GROK_REQUIRE(op.vjp != nullptr, std::string(op.name) + " has no gradient");
    const std::vector<NodeId> parts = op.vjp(graph, id, arrived);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const NodeId input = graph[id].inputs[i];
      if (parts[i] == no_node || !needed[static_cast<std::size_t>(input)]) continue;
      NodeId& sum = gradients[static_cast<std::size_t>(input)];
      sum = sum == no_node ? parts[i] : graph.add(ops::add(), {sum, parts[i]});
    }
  }
  std::vector<NodeId> out;
  for (const NodeId target : with_respect_to)
    out.push_back(target <= node ? gradients[static_cast<std::size_t>(target)] : no_node);
  return out;
}

std::vector<NodeId> weight_nodes(const Graph& graph) {
  std::vector<NodeId> weights;
  for (NodeId id = 0; id < graph.size(); ++id)
    if (graph[id].op == &weight_leaf()) weights.push_back(id);
  return weights;
}

void add_weight_gradients(Graph& graph, NodeId loss) {
  const std::vector<NodeId> weights = weight_nodes(graph);
  const std::vector<NodeId> gradients = gradient(graph, loss, weights);
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (gradients[i] != no_node) graph.output("grad." + graph[weights[i]].name, gradients[i]);
}

}  // namespace grok
