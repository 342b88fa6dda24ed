#pragma once
// Regions: nodes that run together, block of rows by block of rows, so that what they hand to each
// other stays in the cache. What a region is, and how its rows are cut; blocked_rows.cpp chooses
// the nodes, program.cpp runs them.

#include <cstdint>
#include <optional>
#include <vector>

#include "grok/graph/graph.h"

namespace grok {

/// How a node of a region treats rows.
enum class RowRole {
  by_row,  // axis 0 of the output are the rows
  summed,  // the output is a sum over the rows, complete once the region is
};

struct RowUse {
  RowRole role = RowRole::by_row;
  std::vector<bool> is_cut;  // which inputs are cut into rows along axis 0; the rest is used whole
};

/// How a node could take part in a region over `n_rows`; nothing where it cannot.
std::optional<RowUse> row_use(const Graph& graph, NodeId node, std::int64_t n_rows);

/// Nodes [begin, end) with one region number. Rows are cut into chunks, chunks into blocks. A chunk
/// has its own partial sums, which are added in the order of the chunks; a block is what runs at
/// once. Both decide the order of sums, so both follow from the graph alone.
struct Region {
  NodeId begin = 0, end = 0;
  std::int64_t n_rows = 0;
  std::int64_t n_chunks = 1;
  std::int64_t block_rows = 0;
  std::int64_t row_unit = 1;  // chunks and blocks are multiples of it

  std::int64_t chunk_begin(std::int64_t chunk) const;
};

/// Of each node: whether it is in a region and nobody outside reads its value, so that it never
/// leaves the cache.
std::vector<bool> values_kept_inside(const Graph& graph);

/// The regions of a graph, in order.
///   throws  ContractBroken if the nodes of one do not stand together, or do not share their rows
std::vector<Region> regions_of(const Graph& graph);

}  // namespace grok
