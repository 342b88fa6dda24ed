#pragma once
// The part of a graph in which a change of one product shows. A pass that tries many changes weighs
// each there, and so needs not copy the whole graph for every one.

#include "grok/graph/graph.h"

namespace grok {

/// A graph of its own: what a product is made of, back through ops that lead back to the first
/// others, whatever else reads these values, and the chain of element by element ops behind the
/// product. All other values that they read are inputs; all that others read are outputs. O(nodes).
struct Surroundings {
  Graph graph;
  NodeId product;  // in this graph
};
using LeadsBack = bool (*)(const OpDef& op);
Surroundings surroundings_of(const Graph& whole, NodeId product, LeadsBack leads_back);

}  // namespace grok
