#pragma once
// What every pass does around its one idea: copy a graph node by node into a new one.

#include <utility>
#include <vector>

#include "grok/base/error.h"
#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"

namespace grok {

/// A new graph that grows beside an old one, with a note for each old node of its new id.
class Rewrite {
 public:
  explicit Rewrite(const Graph& old)
      : old_(old), to_(static_cast<std::size_t>(old.size()), no_node) {}

  const Graph& old() const { return old_; }
  Graph& graph() { return graph_; }
  bool has(NodeId old_node) const { return to_[static_cast<std::size_t>(old_node)] != no_node; }
  NodeId operator()(NodeId old_node) const {
    GROK_REQUIRE(has(old_node), "node " + std::to_string(old_node) + " was not rewritten");
    return to_[static_cast<std::size_t>(old_node)];
  }
  void map(NodeId old_node, NodeId new_node) { to_[static_cast<std::size_t>(old_node)] = new_node; }

  /// Copies an old node with its inputs' new ids, hook point included, and maps it.
  NodeId copy(NodeId old_node) {
    std::vector<NodeId> inputs;
    for (const NodeId i : old_[old_node].inputs) inputs.push_back((*this)(i));
    const NodeId id = graph_.add_copy(old_[old_node], std::move(inputs));
    map(old_node, id);
    return id;
  }

  /// Copies the outputs and hands the graph over.
  Graph finish() && {
    for (const auto& [name, id] : old_.outputs()) graph_.output(name, (*this)(id));
    return std::move(graph_);
  }

 private:
  const Graph& old_;
  Graph graph_;
  std::vector<NodeId> to_;
};

/// Of a node, for the same op with an output of another shape.
inline Attributes attributes_for(const Node& node, const Shape& shape) {
  return node.op->resized ? node.op->resized(node.attributes, shape) : node.attributes;
}

/// The same numbers in another shape, which costs nothing: it is a view.
inline NodeId reshaped(Graph& graph, NodeId x, const Shape& shape) {
  const auto dims = shape.dims();
  return graph.add(ops::reshape(), {x},
                   {{"shape", std::vector<std::int64_t>(dims.begin(), dims.end())}});
}

}  // namespace grok
