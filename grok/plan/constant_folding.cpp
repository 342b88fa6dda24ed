#include <algorithm>

#include "grok/base/error.h"
#include "grok/ops/catalog.h"
#include "grok/plan/pass.h"
#include "grok/plan/rewrite.h"

// What depends on constants alone is computed now: slices of tokens and of masks. Then adding zeros
// (a causal mask seen from the last position) and scaling by one disappear.
namespace grok {
namespace {

// Slices and reshapes of tokens and floats are all that a traced model folds.
template <class T>
TensorOf<T> sliced(const TensorOf<T>& in, const Attributes& a, const Shape& shape) {
  const auto axis = static_cast<int>(a.integer("axis"));
  const std::int64_t inner = in.shape.product(axis + 1, in.shape.rank());
  const std::int64_t stride = in.shape[axis] * inner;
  TensorOf<T> out(shape);
  auto to = out.data.begin();
  for (std::int64_t i = 0; i < in.shape.product(0, axis); ++i) {
    const auto from = in.data.begin() + i * stride;
    to = std::copy(from + a.integer("begin") * inner, from + a.integer("end") * inner, to);
  }
  return out;
}

template <class T>
bool fold(const Node& node, const Constant& value, NodeId& folded, Graph& g) {
  const auto* in = std::get_if<TensorOf<T>>(&value);
  if (!in) return false;
  if (node.op == &ops::slice()) {
    folded = g.constant(sliced(*in, node.attributes, node.type.shape));
  } else {
    TensorOf<T> out = *in;
    out.shape = node.type.shape;
    folded = g.constant(std::move(out));
  }
  return true;
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
    NodeId folded = no_node;
    if (node.op == &ops::slice() || node.op == &ops::reshape()) {
      const auto& value = g[rewrite(node.inputs[0])].constant;
      if (value && (fold<Token>(node, *value, folded, g) || fold<float>(node, *value, folded, g))) {
        rewrite.map(id, folded);
        continue;
      }
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
