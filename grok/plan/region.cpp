#include "grok/plan/region.h"

#include <algorithm>

#include "grok/base/error.h"
#include "grok/ops/catalog.h"

namespace grok {
namespace {

// As many chunks as threads can share out evenly on the machines that we mean, few enough that
// their partial sums are little beside the rows.
constexpr std::int64_t max_chunks = 8;
constexpr std::int64_t min_chunk_rows = 32, min_chunk_long_rows = 4;
// What a block's values may take of the megabyte that is one core's own. Measured on the canonical
// step, all sizes from 640 KiB on serve alike; in smaller blocks the partial sums of a weight's
// gradient, 230 KiB, pass through the cache too often.
constexpr std::int64_t block_bytes = 896 << 10;
constexpr std::int64_t tile_rows = 8;  // of a register tile
// Rows of more bytes than this are examples of many positions, each of them a row of the products.
constexpr std::int64_t long_row = 32 << 10;

std::int64_t round_up(std::int64_t n, std::int64_t unit) { return (n + unit - 1) / unit * unit; }

std::int64_t bytes_per_row(const Graph& graph, const Region& r) {
  std::int64_t bytes = 0;
  for (NodeId id = r.begin; id < r.end; ++id) {
    const auto use = row_use(graph, id, r.n_rows);
    if (use->role == RowRole::by_row) bytes += graph[id].type.bytes() / r.n_rows;
  }
  return bytes;
}

// Most that is held of one row at once: from where a value is computed to where the region reads it
// last.
std::int64_t most_bytes_at_once(const Graph& graph, const Region& r) {
  const auto n = static_cast<std::size_t>(r.end - r.begin);
  std::vector<std::size_t> root(n), last(n);
  std::vector<std::int64_t> bytes(n);
  for (std::size_t i = 0; i < n; ++i) {
    const NodeId id = r.begin + static_cast<NodeId>(i);
    const Node& node = graph[id];
    const auto inside = [&](NodeId input) { return static_cast<std::size_t>(input - r.begin); };
    root[i] = i;
    if (node.op == &ops::reshape() && node.inputs[0] >= r.begin)
      root[i] = root[inside(node.inputs[0])];
    if (root[i] == i && row_use(graph, id, r.n_rows)->role == RowRole::by_row)
      bytes[i] = node.type.bytes() / r.n_rows;
    last[i] = i;
    for (const NodeId input : node.inputs)
      if (input >= r.begin) last[root[inside(input)]] = i;
  }
  std::int64_t most = 0;
  for (std::size_t at = 0; at < n; ++at) {
    std::int64_t held = 0;
    for (std::size_t i = 0; i <= at; ++i)
      if (last[i] >= at) held += bytes[i];
    most = std::max(most, held);
  }
  return most;
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
  std::int64_t bytes = std::max<std::int64_t>(1, bytes_per_row(graph, r));
  const bool is_long = bytes > long_row;
  if (is_long) bytes = std::max<std::int64_t>(1, most_bytes_at_once(graph, r));
  const bool is_block_of_tiles = block_bytes / bytes >= tile_rows;
  r.row_unit = is_long && !is_block_of_tiles ? 1 : tile_rows;
  // No chunk may be empty, for its part of a sum would never be written.
  const std::int64_t fewest = std::max(r.row_unit, is_long ? min_chunk_long_rows : min_chunk_rows);
  r.n_chunks = std::clamp<std::int64_t>(r.n_rows / fewest, 1, max_chunks);
  const std::int64_t chunk_rows = (r.n_rows + r.n_chunks - 1) / r.n_chunks;
  const std::int64_t most = std::max(r.row_unit, block_bytes / bytes);
  const std::int64_t n_blocks = (chunk_rows + most - 1) / most;
  r.block_rows = round_up((chunk_rows + n_blocks - 1) / n_blocks, r.row_unit);
  for (std::int64_t c = 0; c < r.n_chunks; ++c)
    GROK_REQUIRE(r.chunk_begin(c) < r.chunk_begin(c + 1), "an empty chunk of rows");
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
