#pragma once
// Gradients, by a reverse walk over the ops' table of vector-Jacobian products.

#include <string>
#include <vector>

#include "grok/graph/graph.h"

namespace grok {

/// Adds to the graph the gradient of `loss` with respect to each of `with_respect_to`, and returns
/// their nodes in the same order; no_node where the loss does not depend on one.
///
///   throws  ContractBroken if the loss is not a scalar, or an op on the way has no gradient
///   cost    one visit per node; the new nodes cost about twice what the old ones do
std::vector<NodeId> gradient(Graph& graph, NodeId loss, const std::vector<NodeId>& with_respect_to);

/// The same for a node of any shape: the gradient of the sum of its elements, each times its
/// element of `cotangent`, a node of the same type.
///
///   throws  ContractBroken if the types differ, or an op on the way has no gradient
std::vector<NodeId> pulled_back(Graph& graph, NodeId node, NodeId cotangent,
                                const std::vector<NodeId>& with_respect_to);

/// The ids of all weights, in the order in which they were added.
std::vector<NodeId> weight_nodes(const Graph& graph);

/// Adds an output "grad.NAME" for every weight on which `loss` depends.
void add_weight_gradients(Graph& graph, NodeId loss);

}  // namespace grok
