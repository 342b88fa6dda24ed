#include <algorithm>
#include <iterator>
#include <numeric>
#include <set>
#include <vector>

#include "grok/ops/catalog.h"
#include "grok/plan/pass.h"
#include "grok/plan/region.h"
#include "grok/plan/rewrite.h"

// Chains of row-wise ops run block by block of rows, forward and backward, so that what they hand
// to each other never leaves the cache. Rows may be examples, positions, or what a task calls so.
// Sums over the rows (a weight's gradient) are taken along in parts. Nothing is computed otherwise;
// the pass only marks nodes and puts them together.
//
//   before   h = mix(...)   y = matmul(h, M)   g = loss_grad(y)   d = matmul(g, M^T)   each 8 MB
//   after    for each block of rows: h, y, g, d                                        each 200 KB
namespace grok {
namespace {

// Less than this stays in the cache of one core anyway.
constexpr std::int64_t min_saved_bytes = 1 << 20;
constexpr std::int64_t min_rows = 32;
// Where rows are examples of several positions, few of them fill a block. A matrix that a product
// reads whole for each block then has to stay in the cache beside them.
constexpr std::int64_t max_matrix_bytes = 512 << 10;

enum class Place { before, inside, after };

/// Of each node: whether any of it comes from examples. Tables of the weights alone have rows too,
/// which are none of these even where there are as many.
std::vector<bool> depends_on_data(const Graph& g) {
  std::vector<bool> out(static_cast<std::size_t>(g.size()));
  for (NodeId id = 0; id < g.size(); ++id) {
    out[static_cast<std::size_t>(id)] = g[id].op == &input_leaf() || g[id].op == &constant_leaf();
    for (const NodeId input : g[id].inputs)
      if (out[static_cast<std::size_t>(input)]) out[static_cast<std::size_t>(id)] = true;
  }
  return out;
}

/// Which of some nodes could run together over `n_rows`. The others are there before or come after.
class Membership {
 public:
  Membership(const Graph& g, const std::vector<NodeId>& nodes, const std::vector<bool>& has_data,
             std::int64_t n_rows)
      : g_(g), nodes_(nodes), has_data_(has_data), n_rows_(n_rows) {
    place_.resize(static_cast<std::size_t>(g.size()), Place::before);
    is_sum_.resize(place_.size());
    for (const NodeId id : nodes_) decide(id);
  }

  Place of(NodeId id) const { return place_[static_cast<std::size_t>(id)]; }

  /// Bytes of values that only members read, written and read once less.
  std::int64_t saved_bytes() const {
    std::vector<bool> seen_outside(place_.size());
    for (NodeId id = 0; id < g_.size(); ++id)
      if (of(id) != Place::inside)
        for (const NodeId input : g_[id].inputs)
          seen_outside[static_cast<std::size_t>(input)] = true;
    for (const auto& [name, id] : g_.outputs()) seen_outside[static_cast<std::size_t>(id)] = true;
    std::int64_t bytes = 0;
    for (const NodeId id : nodes_) {
      const auto i = static_cast<std::size_t>(id);
      if (of(id) == Place::inside && !seen_outside[i] && !is_sum_[i]) bytes += g_[id].type.bytes();
    }
    return bytes;
  }

 private:
  // What can only be computed once all rows have passed.
  bool is_late(NodeId id) const {
    return of(id) == Place::after || is_sum_[static_cast<std::size_t>(id)];
  }

  void decide(NodeId id) {
    const Node& node = g_[id];
    const auto i = static_cast<std::size_t>(id);
    const auto use = row_use(g_, id, n_rows_);
    bool joins = use && has_data_[i] && (use->role == RowRole::by_row || partial_sums_pay(node));
    bool touched = false;
    for (std::size_t j = 0; j < node.inputs.size(); ++j) {
      const NodeId input = node.inputs[j];
      touched |= of(input) != Place::before;
      if (is_late(input)) joins = false;
      if (joins && of(input) == Place::inside && !use->is_cut[j]) joins = false;
    }
    if (joins && node.op == &ops::matmul() && !use->is_cut[1] && !product_pays(node)) joins = false;
    // A sum over rows that are there beforehand gains nothing.
    if (use && use->role == RowRole::summed && !touched) joins = false;
    place_[i] = joins ? Place::inside : touched ? Place::after : Place::before;
    is_sum_[i] = joins && use->role == RowRole::summed;
  }

  bool product_pays(const Node& product) const {
    const bool has_positions = product.type.shape.n_elements() > n_rows_ * product.type.shape[-1];
    return !has_positions || g_[product.inputs[1]].type.bytes() <= max_matrix_bytes;
  }

  // Each of up to eight chunks writes a partial sum and reads it again: worth it while that is less
  // than reading the rows once more.
  bool partial_sums_pay(const Node& node) const {
    std::int64_t bytes_of_rows = 0;
    for (const NodeId input : node.inputs) bytes_of_rows += g_[input].type.bytes();
    return 16 * node.type.bytes() < bytes_of_rows;
  }

  const Graph& g_;
  const std::vector<NodeId>& nodes_;
  const std::vector<bool>& has_data_;
  std::int64_t n_rows_;
  std::vector<Place> place_;
  std::vector<bool> is_sum_;
};

/// The chain that saves most becomes a region; then what comes before it, and what comes after, is
/// searched for more.
class Arrangement {
 public:
  explicit Arrangement(const Graph& old)
      : old_(old), has_data_(depends_on_data(old)), rewrite_(old) {}

  Graph run() {
    std::vector<NodeId> all(static_cast<std::size_t>(old_.size()));
    std::iota(all.begin(), all.end(), NodeId{0});
    arrange(all);
    return std::move(rewrite_).finish();
  }

 private:
  void arrange(const std::vector<NodeId>& nodes) {
    const std::int64_t n_rows = best_rows(nodes);
    if (n_rows == 0) return put(nodes, 0);
    const Membership members(old_, nodes, has_data_, n_rows);
    const auto those = [&](Place place) {
      std::vector<NodeId> out;
      std::ranges::copy_if(nodes, std::back_inserter(out),
                           [&](NodeId id) { return members.of(id) == place; });
      return out;
    };
    arrange(those(Place::before));
    put(those(Place::inside), ++n_regions_);
    arrange(those(Place::after));
  }

  // 0 where no chain is worth it.
  std::int64_t best_rows(const std::vector<NodeId>& nodes) const {
    std::set<std::int64_t> sizes;
    for (const NodeId id : nodes)
      if (old_.shape(id).rank() > 0 && old_.shape(id)[0] >= min_rows)
        sizes.insert(old_.shape(id)[0]);
    std::int64_t best = 0, most = min_saved_bytes;
    for (const std::int64_t n : sizes) {
      const std::int64_t saved = Membership(old_, nodes, has_data_, n).saved_bytes();
      if (saved <= most) continue;
      most = saved;
      best = n;
    }
    return best;
  }

  void put(const std::vector<NodeId>& nodes, int region) {
    for (const NodeId id : nodes) rewrite_.graph().put_into_region(rewrite_.copy(id), region);
  }

  const Graph& old_;
  std::vector<bool> has_data_;
  Rewrite rewrite_;
  int n_regions_ = 0;
};

Graph run(const Graph& old) { return Arrangement(old).run(); }

}  // namespace

const Pass& passes::blocked_rows() {
  static constexpr Pass pass{"blocked_rows", "row-wise chains run block by block, in the cache",
                             run, Stage::layout};
  return pass;
}

}  // namespace grok
