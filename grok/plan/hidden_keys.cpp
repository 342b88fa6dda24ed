#include <optional>
#include <vector>

#include "grok/ops/catalog.h"
#include "grok/ops/visible.h"
#include "grok/plan/pass.h"
#include "grok/plan/rewrite.h"

// What a mask hides is not computed: where a query sees no later key, it needs no score of it, no
// exponential, and no share of its value; half of all attention in a causal model, forward and
// backward.
//
//   before   p = softmax(add(attention_scores(q, k), mask))      attention_mix(p, v)
//   after    p = softmax(attention_scores(q, k))                 attention_mix(p, v)     visible=1
//
// The numbers stay the same, bit by bit: a hidden key's exponential is 0, and adding zeros changes
// no sum. Where the masked scores themselves are read, as a hook point, all stays as it is.
namespace grok {
namespace {

// A masked score is below all others by so much that its exponential is 0.
constexpr float hidden = -1e9f;
// With fewer keys a query's scores are no whole vector, and there is nothing to leave out.
constexpr std::int64_t min_keys = 16;

/// How many keys the first query sees, if the mask is 0 up to there and hides all behind, and each
/// query sees one key more than the one before; nothing for another mask.
std::optional<std::int64_t> visible_keys(const Node& mask) {
  const auto* t = mask.constant ? std::get_if<Tensor>(mask.constant.get()) : nullptr;
  if (!t || t->shape.rank() != 2) return std::nullopt;
  const std::int64_t n_queries = t->shape[0], n_keys = t->shape[1];
  if (n_keys < min_keys) return std::nullopt;
  const auto at = [&](std::int64_t i, std::int64_t j) {
    return t->data[static_cast<std::size_t>(i * n_keys + j)];
  };
  std::int64_t visible = 0;
  while (visible < n_keys && at(0, visible) == 0) ++visible;
  if (visible == 0) return std::nullopt;
  for (std::int64_t i = 0; i < n_queries; ++i)
    for (std::int64_t j = 0; j < n_keys; ++j)
      if (j < ops::keys_seen_by(i, n_keys, visible) ? at(i, j) != 0 : at(i, j) > hidden)
        return std::nullopt;
  return visible;
}

class HiddenKeys {
 public:
  explicit HiddenKeys(const Graph& old)
      : old_(old),
        rewrite_(old),
        n_readers_(static_cast<std::size_t>(old.size())),
        visible_(n_readers_.size()) {
    for (NodeId id = 0; id < old.size(); ++id)
      for (const NodeId input : old[id].inputs) ++n_readers_[index(input)];
    for (const auto& [name, id] : old.outputs()) ++n_readers_[index(id)];
  }

  Graph run() {
    for (NodeId id = 0; id < old_.size(); ++id) {
      const Node& node = old_[id];
      if (node.op == &ops::softmax() && leave_mask_out(id)) continue;
      const std::int64_t visible = node.inputs.empty() ? 0 : visible_[index(node.inputs[0])];
      if (node.op == &ops::attention_mix() && visible > 0) {
        put(id, {rewrite_(node.inputs[0]), rewrite_(node.inputs[1])}, visible);
        continue;
      }
      // What is hidden is 0 here as well.
      if (node.op == &ops::scale() || node.op == &ops::dropout()) visible_[index(id)] = visible;
      rewrite_.copy(id);
    }
    return std::move(rewrite_).finish();
  }

 private:
  static std::size_t index(NodeId id) { return static_cast<std::size_t>(id); }

  bool leave_mask_out(NodeId softmax) {
    const NodeId masked = old_[softmax].inputs[0];
    if (old_[masked].op != &ops::add() || n_readers_[index(masked)] != 1) return false;
    const auto [scores, mask] = std::pair(old_[masked].inputs[0], old_[masked].inputs[1]);
    if (old_[scores].op != &ops::attention_scores() || n_readers_[index(scores)] != 1) return false;
    const std::optional<std::int64_t> visible = visible_keys(old_[mask]);
    if (!visible) return false;
    const std::vector<NodeId>& qk = old_[scores].inputs;
    put(scores, {rewrite_(qk[0]), rewrite_(qk[1])}, *visible);
    put(softmax, {rewrite_(scores)}, *visible);
    visible_[index(softmax)] = *visible;
    return true;
  }

  void put(NodeId id, std::vector<NodeId> inputs, std::int64_t visible) {
    Attributes attributes = old_[id].attributes;
    attributes.set("visible", visible);
    const NodeId made = rewrite_.graph().add(*old_[id].op, std::move(inputs), attributes);
    rewrite_.graph().take_hooks(made, old_[id]);
    rewrite_.map(id, made);
  }

  const Graph& old_;
  Rewrite rewrite_;
  std::vector<int> n_readers_;
  std::vector<std::int64_t> visible_;  // of a pattern: keys that the first query sees; or 0
};

Graph run(const Graph& old) { return HiddenKeys(old).run(); }

}  // namespace

const Pass& passes::hidden_keys() {
  static constexpr Pass pass{"hidden_keys", "what a mask hides is not computed", run};
  return pass;
}

}  // namespace grok
