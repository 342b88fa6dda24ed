#include <algorithm>
#include <optional>
#include <vector>

#include "grok/ops/catalog.h"
#include "grok/plan/pass.h"
#include "grok/plan/rewrite.h"

// In a sum, what is the same for every row is added up first, as one row, and meets the others
// once. A gather from a table of one row is such a row.
//
//   before   add(add(mix, gather(row, zeros)), b_in)      two passes over 3,830 rows
//   after    add(mix, add(row, b_in))                     one, which then rides in the product
namespace grok {
namespace {

class SharedRows {
 public:
  explicit SharedRows(const Graph& old)
      : old_(old), rewrite_(old), g_(rewrite_.graph()), inner_(inner_sums(old)) {}

  Graph run() {
    for (NodeId id = 0; id < old_.size(); ++id) {
      const Node& node = old_[id];
      if (inner_[static_cast<std::size_t>(id)]) continue;  // a part of a longer sum
      if (node.op == &ops::add())
        emit_sum(id);
      else if (shared_row(id))
        emit_broadcast(id);
      else
        rewrite_.copy(id);
    }
    return std::move(rewrite_).finish();
  }

 private:
  // Sums that only another sum of the same shape reads: they have no name of their own.
  static std::vector<bool> inner_sums(const Graph& g) {
    std::vector<int> n_readers(static_cast<std::size_t>(g.size()));
    std::vector<bool> inner(n_readers.size());
    for (NodeId id = 0; id < g.size(); ++id)
      for (const NodeId input : g[id].inputs) ++n_readers[static_cast<std::size_t>(input)];
    for (const auto& [name, id] : g.outputs()) n_readers[static_cast<std::size_t>(id)] += 2;
    for (NodeId id = 0; id < g.size(); ++id) {
      if (g[id].op != &ops::add()) continue;
      for (const NodeId input : g[id].inputs)
        if (g[input].op == &ops::add() && g[input].type == g[id].type &&
            n_readers[static_cast<std::size_t>(input)] == 1)
          inner[static_cast<std::size_t>(input)] = true;
    }
    return inner;
  }

  // The one row, as an old node without the row axes, that all rows of a value repeat.
  std::optional<NodeId> shared_row(NodeId id) const {
    const Node& node = old_[id];
    if (node.op == &ops::broadcast_leading()) return node.inputs[0];
    if (node.op == &ops::gather_rows() && old_.shape(node.inputs[0])[0] == 1 &&
        node.type.dtype == DType::f32)
      return node.inputs[0];
    return std::nullopt;
  }

  // The row in the new graph, its axis of one row dropped.
  NodeId emit_row(NodeId id) {
    const NodeId row = rewrite_(*shared_row(id));
    if (old_[id].op == &ops::broadcast_leading()) return row;
    return reshaped(g_, row, Shape(g_.shape(row).dims().subspan(1)));
  }

  void emit_broadcast(NodeId id) {
    const NodeId repeated = broadcast(emit_row(id), old_.shape(id));
    g_.take_hooks(repeated, old_[id]);
    rewrite_.map(id, repeated);
  }

  NodeId broadcast(NodeId row, const Shape& shape) {
    const int n_new = shape.rank() - g_.shape(row).rank();
    const auto lead = shape.dims().first(static_cast<std::size_t>(n_new));
    return g_.add(ops::broadcast_leading(), {row},
                  {{"lead", std::vector<std::int64_t>(lead.begin(), lead.end())}});
  }

  void collect(NodeId id, const Shape& shape, std::vector<NodeId>& full,
               std::vector<NodeId>& rows) {
    if (old_[id].op == &ops::add() && inner_[static_cast<std::size_t>(id)]) {
      for (const NodeId input : old_[id].inputs) collect(input, shape, full, rows);
      return;
    }
    if (old_.shape(id) == shape && !shared_row(id))
      full.push_back(rewrite_(id));
    else
      rows.push_back(shared_row(id) && old_.shape(id) == shape ? emit_row(id) : rewrite_(id));
  }

  void emit_sum(NodeId id) {
    std::vector<NodeId> full, rows;
    for (const NodeId input : old_[id].inputs) collect(input, old_.shape(id), full, rows);
    // Rows of more axes first: each then meets one that has its axes.
    std::stable_sort(rows.begin(), rows.end(),
                     [&](NodeId a, NodeId b) { return g_.shape(a).rank() > g_.shape(b).rank(); });
    NodeId sum = added(full);
    if (full.empty())
      sum = broadcast(added(rows), old_.shape(id));
    else if (!rows.empty())
      sum = added({sum, added(rows)});
    g_.take_hooks(sum, old_[id]);
    rewrite_.map(id, sum);
  }

  NodeId added(const std::vector<NodeId>& terms) {
    NodeId sum = terms.empty() ? no_node : terms[0];
    for (std::size_t i = 1; i < terms.size(); ++i) sum = g_.add(ops::add(), {sum, terms[i]});
    return sum;
  }

  const Graph& old_;
  Rewrite rewrite_;
  Graph& g_;
  std::vector<bool> inner_;
};

Graph run(const Graph& old) { return SharedRows(old).run(); }

}  // namespace

const Pass& passes::shared_rows() {
  static constexpr Pass pass{"shared_rows", "what all rows of a sum share is added up first, once",
                             run};
  return pass;
}

}  // namespace grok
