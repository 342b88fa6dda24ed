#include <algorithm>
#include <set>
#include <vector>

#include "grok/plan/pass.h"
#include "grok/plan/region.h"
#include "grok/plan/rewrite.h"

// A chain of row-wise ops runs block by block of rows, forward and backward, so that what they hand
// to each other never leaves the cache. Sums over the rows (a weight's gradient) are taken along in
// parts. Nothing is computed otherwise; the pass only marks nodes and puts them together.
//
//   before   h = mix(...)   y = matmul(h, M)   g = loss_grad(y)   d = matmul(g, M^T)   each 8 MB
//   after    for each block of rows: h, y, g, d                                        each 200 KB
namespace grok {
namespace {

// Less than this stays in the cache of one core anyway.
constexpr std::int64_t min_saved_bytes = 512 << 10;
constexpr std::int64_t min_rows = 128;

enum class Place { before, inside, after };

/// Which nodes could run together over `n_rows`.
class Membership {
 public:
  Membership(const Graph& g, std::int64_t n_rows) : g_(g), n_rows_(n_rows) {
    place_.resize(static_cast<std::size_t>(g.size()), Place::before);
    is_sum_.resize(place_.size());
    for (NodeId id = 0; id < g.size(); ++id) decide(id);
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
    for (NodeId id = 0; id < g_.size(); ++id) {
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
    bool joins = use && (use->role == RowRole::by_row || partial_sums_pay(node));
    bool touched = false;
    for (std::size_t j = 0; j < node.inputs.size(); ++j) {
      const NodeId input = node.inputs[j];
      touched |= of(input) != Place::before;
      if (is_late(input)) joins = false;
      if (joins && of(input) == Place::inside && !use->is_cut[j]) joins = false;
    }
    // A sum over rows that are there beforehand gains nothing.
    if (use && use->role == RowRole::summed && !touched) joins = false;
    place_[i] = joins ? Place::inside : touched ? Place::after : Place::before;
    is_sum_[i] = joins && use->role == RowRole::summed;
  }

  // Each of some ten chunks writes a partial sum and reads it again: worth it while that is less
  // than reading the rows once more.
  bool partial_sums_pay(const Node& node) const {
    std::int64_t bytes_of_rows = 0;
    for (const NodeId input : node.inputs) bytes_of_rows += g_[input].type.bytes();
    return 16 * node.type.bytes() < bytes_of_rows;
  }

  const Graph& g_;
  std::int64_t n_rows_;
  std::vector<Place> place_;
  std::vector<bool> is_sum_;
};

Graph run(const Graph& old) {
  std::set<std::int64_t> sizes;
  for (NodeId id = 0; id < old.size(); ++id)
    if (old.shape(id).rank() > 0 && old.shape(id)[0] >= min_rows) sizes.insert(old.shape(id)[0]);
  std::int64_t best = 0, most = min_saved_bytes;
  for (const std::int64_t n : sizes) {
    const std::int64_t saved = Membership(old, n).saved_bytes();
    if (saved <= most) continue;
    most = saved;
    best = n;
  }
  const Membership members(old, best);
  Rewrite rewrite(old);
  for (const Place place : {Place::before, Place::inside, Place::after})
    for (NodeId id = 0; id < old.size(); ++id)
      if (members.of(id) == place)
        rewrite.graph().put_into_region(rewrite.copy(id), place == Place::inside ? 1 : 0);
  return std::move(rewrite).finish();
}

}  // namespace

const Pass& passes::blocked_rows() {
  static constexpr Pass pass{"blocked_rows", "row-wise chains run block by block, in the cache",
                             run, Stage::layout};
  return pass;
}

}  // namespace grok
