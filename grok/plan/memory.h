#pragma once
// Where each value of a step lives: lifetimes to offsets in one arena.

#include <cstdint>
#include <vector>

#include "grok/graph/graph.h"
#include "grok/plan/region.h"

namespace grok {

/// What one region needs beside the values that are seen from outside. Vectors have one entry per
/// node of the region, -1 where there is nothing.
struct RegionMemory {
  Region region;
  std::vector<std::int64_t> local;     // offset in a thread's workspace, of values seen inside only
  std::vector<std::int64_t> partial;   // offset in the arena of n_chunks partial sums
  std::vector<std::int64_t> prepared;  // offset in the arena of what OpDef::prepare writes
  std::int64_t workspace_offset = 0;   // in the arena: one workspace per thread
  std::int64_t workspace_bytes = 0;    // of one thread: its local values, then scratch
  std::int64_t scratch_offset = 0;     // within a workspace
};

struct MemoryPlan {
  std::vector<NodeId> roots;          // the node whose memory each node's value stands in
  std::vector<std::int64_t> offsets;  // of each node's value in the arena; -1 where it is a leaf's,
                                      // or a region's own
  // Of each node outside regions, where input 1 is a constant: offset of what OpDef::prepare writes
  // of it, once, when the program is made; -1 where there is nothing.
  std::vector<std::int64_t> prepared;
  std::vector<RegionMemory> regions;
  std::int64_t arena_bytes = 0;
  std::int64_t scratch_offset = 0;
  std::int64_t scratch_bytes = 0;
};

/// A value lives from the node that computes it to the last that reads it; outputs live to the end;
/// the nodes of a region live at once. Reshapes share the memory of what they reshape. Places are
/// taken tightest first; offsets are multiples of a cache line.
///   cost  values x values alive at once, some microseconds
MemoryPlan plan_memory(const Graph& graph, int n_threads);

}  // namespace grok
