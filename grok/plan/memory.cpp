#include "grok/plan/memory.h"

#include <algorithm>

#include "grok/ops/catalog.h"
#include "grok/plan/offsets.h"

namespace grok {
namespace {

std::vector<NodeId> alias_roots(const Graph& graph) {
  std::vector<NodeId> roots(static_cast<std::size_t>(graph.size()));
  for (NodeId id = 0; id < graph.size(); ++id)
    roots[static_cast<std::size_t>(id)] =
        graph[id].op == &ops::reshape() ? roots[static_cast<std::size_t>(graph[id].inputs[0])] : id;
  return roots;
}

class Planner {
 public:
  Planner(const Graph& graph, int n_threads) : g_(graph), n_threads_(n_threads) {
    plan_.roots = alias_roots(graph);
    plan_.offsets.assign(plan_.roots.size(), -1);
    plan_.prepared.assign(plan_.roots.size(), -1);
    for (const Region& r : regions_of(graph)) plan_.regions.push_back({.region = r});
    find_ranges();
  }

  MemoryPlan run() {
    for (NodeId id = 0; id < g_.size(); ++id) {
      if (!is_computed(id)) continue;
      if (!is_local(id))
        want(plan_.offsets[index(id)], g_[id].type.bytes(), born_[index(id)], last_[index(id)]);
      if (region_of(id)) continue;
      if (const std::int64_t bytes = prepared_once(id); bytes > 0)
        want_prepared(plan_.prepared, 0, id, bytes, 0, g_.size());
      else
        plan_.scratch_bytes = std::max(plan_.scratch_bytes, scratch_of(id));
    }
    for (RegionMemory& r : plan_.regions) plan_region(r);
    const Offsets placed = place(ranges_);
    for (std::size_t i = 0; i < wanted_.size(); ++i) *wanted_[i] = placed.offsets[i];
    for (const auto& [offset, same] : shared_) *offset = *same;
    for (std::size_t i = 0; i < plan_.offsets.size(); ++i)
      plan_.offsets[i] = plan_.offsets[index(plan_.roots[i])];
    plan_.scratch_offset = placed.bytes;
    plan_.arena_bytes = placed.bytes + whole_lines(plan_.scratch_bytes);
    return std::move(plan_);
  }

 private:
  static std::size_t index(NodeId id) { return static_cast<std::size_t>(id); }
  NodeId root(NodeId id) const { return plan_.roots[index(id)]; }
  bool is_computed(NodeId id) const { return !is_leaf(g_[id]) && root(id) == id; }

  const RegionMemory* region_of(NodeId id) const {
    for (const RegionMemory& r : plan_.regions)
      if (r.region.begin <= id && id < r.region.end) return &r;
    return nullptr;
  }

  // A region is one moment for those outside: its nodes are born with it and die with it.
  void find_ranges() {
    born_.resize(plan_.roots.size());
    last_.resize(born_.size());
    seen_outside_.resize(born_.size());
    last_inside_.resize(born_.size());
    for (NodeId id = 0; id < g_.size(); ++id) {
      const RegionMemory* r = region_of(id);
      born_[index(id)] = r ? r->region.begin : id;
      read(id, id, r);
      for (const NodeId input : g_[id].inputs) read(input, id, r);
    }
    for (const auto& [name, id] : g_.outputs()) read(id, g_.size(), nullptr);
  }

  void read(NodeId value, NodeId reader, const RegionMemory* readers_region) {
    const std::size_t i = index(root(value));
    const NodeId moment = readers_region ? readers_region->region.end - 1 : reader;
    last_[i] = std::max<std::int64_t>(last_[i], moment);
    last_inside_[i] = std::max<std::int64_t>(last_inside_[i], reader);
    if (readers_region != region_of(root(value))) seen_outside_[i] = true;
  }

  // A value that no one outside its region sees.
  bool is_local(NodeId id) const {
    const RegionMemory* r = region_of(id);
    return r && !seen_outside_[index(id)] &&
           row_use(g_, id, r->region.n_rows)->role == RowRole::by_row;
  }

  void want(std::int64_t& offset, std::int64_t bytes, std::int64_t first, std::int64_t last) {
    wanted_.push_back(&offset);
    ranges_.push_back({bytes, first, last});
  }

  std::int64_t scratch_of(NodeId id) const {
    const Node& node = g_[id];
    if (!node.op->scratch_bytes) return 0;
    return node.op->scratch_bytes(g_.input_types(node), node.type, node.attributes, n_threads_);
  }

  void plan_region(RegionMemory& m) {
    const Region& r = m.region;
    const auto n = static_cast<std::size_t>(r.end - r.begin);
    m.local.assign(n, -1);
    m.partial.assign(n, -1);
    m.prepared.assign(n, -1);
    std::vector<LiveRange> locals;
    std::vector<std::size_t> who;
    std::int64_t scratch = 0;
    for (NodeId id = r.begin; id < r.end; ++id) {
      if (!is_computed(id)) continue;
      const Node& node = g_[id];
      const std::size_t i = index(id - r.begin);
      const std::vector<TensorType> inputs = g_.input_types(node);
      if (row_use(g_, id, r.n_rows)->role == RowRole::summed)
        want(m.partial[i], r.n_chunks * whole_lines(node.type.bytes()), r.begin, r.end - 1);
      const std::int64_t prepared = prepared_bytes(node, inputs);
      if (prepared > 0) want_prepared(m.prepared, r.begin, id, prepared, r.begin, r.end - 1);
      if (is_local(id)) {
        who.push_back(i);
        locals.push_back(
            {node.type.bytes() / r.n_rows * r.block_rows, id, last_inside_[index(id)]});
      }
      if (node.op->scratch_bytes && prepared == 0)
        scratch = std::max(scratch, node.op->scratch_bytes(inputs, node.type, node.attributes, 1));
    }
    const Offsets placed = place(locals);
    for (std::size_t j = 0; j < who.size(); ++j) m.local[who[j]] = placed.offsets[j];
    m.scratch_offset = placed.bytes;
    m.workspace_bytes = placed.bytes + whole_lines(scratch);
    want(m.workspace_offset, n_threads_ * m.workspace_bytes, r.begin, r.end - 1);
  }

  /// Bytes of what is prepared of a constant, once and for all.
  std::int64_t prepared_once(NodeId id) const {
    const Node& node = g_[id];
    if (node.inputs.size() < 2 || !g_[root(node.inputs[1])].constant) return 0;
    return prepared_bytes(node, g_.input_types(node));
  }

  // Offsets are of nodes `first` on. Nodes that would prepare the same share it.
  void want_prepared(std::vector<std::int64_t>& offsets, NodeId first, NodeId id,
                     std::int64_t bytes, std::int64_t born, std::int64_t last) {
    std::int64_t& offset = offsets[index(id - first)];
    for (NodeId before : preparing_)
      if (before >= first && region_of(before) == region_of(id) && prepares_the_same(before, id)) {
        shared_.emplace_back(&offset, &offsets[index(before - first)]);
        return;
      }
    preparing_.push_back(id);
    want(offset, bytes, born, last);
  }

  bool prepares_the_same(NodeId a, NodeId b) const {
    const Node& x = g_[a];
    const Node& y = g_[b];
    if (x.op == y.op && g_[x.inputs[0]].type != g_[y.inputs[0]].type) return false;
    return x.op->prepare == y.op->prepare && root(x.inputs[1]) == root(y.inputs[1]) &&
           g_[x.inputs[1]].type == g_[y.inputs[1]].type &&
           prepared_bytes(x, g_.input_types(x)) == prepared_bytes(y, g_.input_types(y)) &&
           x.attributes.integer_or("transpose_b", 0) == y.attributes.integer_or("transpose_b", 0);
  }

  static std::int64_t prepared_bytes(const Node& node, std::span<const TensorType> inputs) {
    return node.op->prepared_bytes ? node.op->prepared_bytes(inputs, node.type, node.attributes)
                                   : 0;
  }

  const Graph& g_;
  int n_threads_;
  MemoryPlan plan_;
  std::vector<std::int64_t> born_, last_, last_inside_;  // of each root
  std::vector<bool> seen_outside_;
  std::vector<std::int64_t*> wanted_;
  std::vector<std::pair<std::int64_t*, const std::int64_t*>> shared_;
  std::vector<NodeId> preparing_;  // the first of those that share what they prepare
  std::vector<LiveRange> ranges_;
};

}  // namespace

MemoryPlan plan_memory(const Graph& graph, int n_threads) {
  return Planner(graph, n_threads).run();
}

}  // namespace grok
