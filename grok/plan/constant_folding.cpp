#include <algorithm>
#include <optional>

#include "grok/ops/catalog.h"
#include "grok/plan/evaluate.h"
#include "grok/plan/pass.h"
#include "grok/plan/rewrite.h"

// What depends on constants alone is computed now: slices of tokens and of masks. Then adding zeros
// (a causal mask seen from the last position) and scaling by one disappear.
namespace grok {
namespace {

// The value of a node all of whose inputs are constants; nothing for another.
std::optional<Constant> folded(const Graph& g, const Node& node, const Rewrite& rewrite) {
  if (is_leaf(node)) return std::nullopt;
  std::vector<const Constant*> inputs;
  for (const NodeId input : node.inputs) {
    const auto& value = g[rewrite(input)].constant;
    if (!value) return std::nullopt;
    inputs.push_back(value.get());
  }
  return evaluate(*node.op, inputs, node.attributes);
}

bool is_all_zero(const Node& node) {
  const auto* t = node.constant ? std::get_if<Tensor>(node.constant.get()) : nullptr;
  return t && std::all_of(t->data.begin(), t->data.end(), [](float x) { return x == 0.0f; });
}

Graph run(const Graph& old) {
  Rewrite rewrite(old);
  Graph& g = rewrite.graph();
  for (NodeId id = 0; id < old.size(); ++id) {
    const Node& node = old[id];
    if (auto value = folded(g, node, rewrite)) {
      rewrite.map(id, g.constant(std::move(*value)));
      continue;
    }
    const bool adds_nothing = node.op == &ops::add() && is_all_zero(g[rewrite(node.inputs[1])]);
    const bool scales_by_one = node.op == &ops::scale() && node.attributes.real("factor") == 1.0;
    if (adds_nothing || scales_by_one)
      rewrite.map(id, rewrite(node.inputs[0]));
    else
      rewrite.copy(id);
  }
  return std::move(rewrite).finish();
}

}  // namespace

const Pass& passes::constant_folding() {
  static constexpr Pass pass{"constant_folding", "what depends on constants alone is computed now",
                             run};
  return pass;
}

}  // namespace grok
