#include "grok/plan/region.h"

#include <algorithm>

#include "grok/base/error.h"

namespace grok {
namespace {

// As many chunks as threads can share out evenly on the machines that we mean, few enough that
// their partial sums are little beside the rows.
constexpr std::int64_t max_chunks = 8;
constexpr std::int64_t min_chunk_rows = 32;
// What a block's values may take of the megabyte that is one core's own. Measured on the canonical
// step, all sizes from 640 KiB on serve alike; in smaller blocks the partial sums of a weight's
// gradient, 230 KiB, pass through the cache too often.
constexpr std::int64_t block_bytes = 896 << 10;
constexpr std::int64_t row_unit = 8;  // rows of a register tile

std::int64_t round_up(std::int64_t n, std::int64_t unit) { return (n + unit - 1) / unit * unit; }

std::int64_t bytes_per_row(const Graph& graph, const Region& r) {
  std::int64_t bytes = 0;
  for (NodeId id = r.begin; id < r.end; ++id) {
    const auto use = row_use(graph, id, r.n_rows);
    if (use->role == RowRole::by_row) bytes += graph[id].type.bytes() / r.n_rows;
  }
  return bytes;
}

std::int64_t rows_of_region(const Graph& graph, NodeId begin, NodeId end) {
  for (NodeId id = begin; id < end; ++id) {
    const Shape& shape = graph.shape(id);
    if (shape.rank() == 0) continue;
    const auto use = row_use(graph, id, shape[0]);
    if (use && use->role == RowRole::by_row) return shape[0];
  }
  throw ContractBroken("a region without rows at node " + std::to_string(begin));
}

Region cut(const Graph& graph, NodeId begin, NodeId end) {
  Region r{.begin = begin, .end = end};
  r.n_rows = rows_of_region(graph, begin, end);
  for (NodeId id = begin; id < end; ++id)
    GROK_REQUIRE(row_use(graph, id, r.n_rows).has_value(), line_of(graph, id));
  r.n_chunks = std::clamp<std::int64_t>(r.n_rows / min_chunk_rows, 1, max_chunks);
  const std::int64_t chunk_rows = (r.n_rows + r.n_chunks - 1) / r.n_chunks;
  const std::int64_t most =
      std::max(row_unit, block_bytes / std::max<std::int64_t>(1, bytes_per_row(graph, r)));
  const std::int64_t n_blocks = (chunk_rows + most - 1) / most;
  r.block_rows = round_up((chunk_rows + n_blocks - 1) / n_blocks, row_unit);
  return r;
}

}  // namespace

std::int64_t Region::chunk_begin(std::int64_t chunk) const {
  // Whole tiles, but for the last.
  return std::min(n_rows, round_up(n_rows * chunk / n_chunks, row_unit));
}

std::optional<RowUse> row_use(const Graph& graph, NodeId id, std::int64_t n_rows) {
  const Node& node = graph[id];
  if (is_leaf(node) || n_rows == 0) return std::nullopt;
  RowUse use;
  std::optional<std::vector<int>> axes;
  const std::vector<TensorType> inputs = graph.input_types(node);
  if (node.op->summed_axes) axes = node.op->summed_axes(inputs, node.type, node.attributes);
  if (axes) {
    use.role = RowRole::summed;
  } else if (node.op->source_axes && node.type.shape.rank() > 0 && node.type.shape[0] == n_rows) {
    axes = node.op->source_axes(inputs, node.type, node.attributes, 0);
  }
  if (!axes) return std::nullopt;
  bool any = false;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const int axis = (*axes)[i];
    if (axis > 0 || (axis == 0 && inputs[i].shape[0] != n_rows)) return std::nullopt;
    use.is_cut.push_back(axis == 0);
    any |= axis == 0;
  }
  if (!any) return std::nullopt;
  return use;
}

std::vector<bool> values_kept_inside(const Graph& graph) {
  std::vector<bool> inside(static_cast<std::size_t>(graph.size()));
  for (NodeId id = 0; id < graph.size(); ++id) {
    inside[static_cast<std::size_t>(id)] = graph[id].region != 0;
    for (const NodeId input : graph[id].inputs)
      if (graph[input].region != graph[id].region) inside[static_cast<std::size_t>(input)] = false;
  }
  for (const auto& [name, id] : graph.outputs()) inside[static_cast<std::size_t>(id)] = false;
  return inside;
}

std::vector<Region> regions_of(const Graph& graph) {
  std::vector<Region> regions;
  std::vector<int> seen;
  for (NodeId id = 0; id < graph.size();) {
    const int number = graph[id].region;
    NodeId end = id + 1;
    while (end < graph.size() && graph[end].region == number) ++end;
    if (number != 0) {
      GROK_REQUIRE(std::find(seen.begin(), seen.end(), number) == seen.end(),
                   "region " + std::to_string(number) + " is torn at node " + std::to_string(id));
      seen.push_back(number);
      regions.push_back(cut(graph, id, end));
    }
    id = end;
  }
  return regions;
}

}  // namespace grok
