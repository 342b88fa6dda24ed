#pragma once
// Where each value of a graph lives: lifetimes to offsets in one arena.

#include <cstdint>
#include <vector>

#include "grok/graph/graph.h"

namespace grok {

struct MemoryPlan {
  /// Offset in bytes of each node's value, a multiple of `alignment`; -1 for leaves, which live
  /// elsewhere, and for nodes that alias one.
  std::vector<std::int64_t> offsets;
  /// The node whose memory a node shares: itself, or through reshapes the one that was computed.
  std::vector<NodeId> roots;
  std::int64_t scratch_offset = 0;  // shared by all ops, one at a time
  std::int64_t scratch_bytes = 0;
  std::int64_t arena_bytes = 0;
};

/// Values that live at the same time never overlap; outputs live to the end. First fit by size of
/// the gap, in the order of the nodes.
///   cost  n log n in the number of nodes, times the values alive at once
MemoryPlan plan_memory(const Graph& graph, int n_threads);

}  // namespace grok
