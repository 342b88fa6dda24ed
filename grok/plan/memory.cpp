#include "grok/plan/memory.h"

#include <algorithm>

#include "grok/base/tensor.h"
#include "grok/ops/catalog.h"

namespace grok {
namespace {

constexpr std::int64_t round_up(std::int64_t bytes) {
  const auto unit = static_cast<std::int64_t>(alignment);
  return (bytes + unit - 1) / unit * unit;
}

std::vector<NodeId> alias_roots(const Graph& graph) {
  std::vector<NodeId> roots(static_cast<std::size_t>(graph.size()));
  for (NodeId id = 0; id < graph.size(); ++id)
    roots[static_cast<std::size_t>(id)] =
        graph[id].op == &ops::reshape() ? roots[static_cast<std::size_t>(graph[id].inputs[0])] : id;
  return roots;
}

// The last node that reads each root's memory; outputs are read after the end.
std::vector<NodeId> last_readers(const Graph& graph, const std::vector<NodeId>& roots) {
  std::vector<NodeId> last(roots.size());
  const auto read = [&](NodeId value, NodeId reader) {
    NodeId& at = last[static_cast<std::size_t>(roots[static_cast<std::size_t>(value)])];
    at = std::max(at, reader);
  };
  for (NodeId id = 0; id < graph.size(); ++id) {
    read(id, id);
    for (const NodeId input : graph[id].inputs) read(input, id);
  }
  for (const auto& [name, id] : graph.outputs()) read(id, graph.size());
  return last;
}

struct Block {
  std::int64_t begin = 0, end = 0;
  NodeId last_reader = no_node;
};

// The tightest gap between living blocks that holds `bytes`, or the end of the last one.
std::int64_t place(const std::vector<Block>& living, std::int64_t bytes) {
  std::int64_t best = -1, best_gap = 0, at = 0;
  for (const Block& b : living) {
    const std::int64_t gap = b.begin - at;
    if (gap >= bytes && (best < 0 || gap < best_gap)) {
      best = at;
      best_gap = gap;
    }
    at = std::max(at, b.end);
  }
  return best < 0 ? at : best;
}

}  // namespace

MemoryPlan plan_memory(const Graph& graph, int n_threads) {
  MemoryPlan plan;
  plan.roots = alias_roots(graph);
  plan.offsets.assign(plan.roots.size(), -1);
  const std::vector<NodeId> last = last_readers(graph, plan.roots);
  std::vector<Block> living;  // sorted by begin
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    const auto i = static_cast<std::size_t>(id);
    std::erase_if(living, [&](const Block& b) { return b.last_reader < id; });
    if (is_leaf(node) || plan.roots[i] != id) continue;
    const std::int64_t bytes = round_up(node.type.bytes());
    const std::int64_t offset = place(living, bytes);
    plan.offsets[i] = offset;
    const Block block{offset, offset + bytes, last[i]};
    living.insert(
        std::upper_bound(living.begin(), living.end(), block,
                         [](const Block& a, const Block& b) { return a.begin < b.begin; }),
        block);
    plan.arena_bytes = std::max(plan.arena_bytes, block.end);
    if (node.op->scratch_bytes)
      plan.scratch_bytes = std::max(
          plan.scratch_bytes,
          node.op->scratch_bytes(graph.input_types(node), node.type, node.attributes, n_threads));
  }
  for (std::size_t i = 0; i < plan.offsets.size(); ++i)
    plan.offsets[i] = plan.offsets[static_cast<std::size_t>(plan.roots[i])];
  plan.scratch_offset = plan.arena_bytes;
  plan.arena_bytes += round_up(plan.scratch_bytes);
  return plan;
}

}  // namespace grok
