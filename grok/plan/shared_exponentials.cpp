#include <map>
#include <utility>

#include "grok/ops/catalog.h"
#include "grok/plan/pass.h"
#include "grok/plan/rewrite.h"

// The loss and its gradient take the same exponentials of the same logits: computed once, they are
// half the work.
//
//   before   loss = cross_entropy(x, labels)         dx = cross_entropy_grad(x, labels, d)
//   after    e = exponentials(x)
//            loss = cross_entropy(x, labels, e)      dx = cross_entropy_grad(x, labels, d, e)
namespace grok {
namespace {

/// Logits, and the arithmetic in which exponentials of them are taken.
using Key = std::pair<NodeId, std::int64_t>;

Key key_of(const Node& node) {
  return {node.inputs[0], node.attributes.integer_or("precision", 64)};
}

/// True of a loss, or a gradient of one, that computes exponentials of its own.
bool is_bare(const Node& node) {
  return (node.op == &ops::cross_entropy() && node.inputs.size() == 2) ||
         (node.op == &ops::cross_entropy_grad() && node.inputs.size() == 3);
}

Graph run(const Graph& old) {
  std::map<Key, int> n_readers;
  for (NodeId id = 0; id < old.size(); ++id)
    if (is_bare(old[id])) ++n_readers[key_of(old[id])];
  Rewrite rewrite(old);
  Graph& g = rewrite.graph();
  std::map<Key, NodeId> shared;
  for (NodeId id = 0; id < old.size(); ++id) {
    const Node& node = old[id];
    if (!is_bare(node) || n_readers[key_of(node)] < 2) {
      rewrite.copy(id);
      continue;
    }
    const Key key = key_of(node);
    if (!shared.contains(key)) {
      const NodeId e =
          g.add(ops::exponentials(), {rewrite(key.first)}, {{"precision", key.second}});
      shared.emplace(key, e);
    }
    std::vector<NodeId> inputs;
    for (const NodeId i : node.inputs) inputs.push_back(rewrite(i));
    inputs.push_back(shared.at(key));
    rewrite.map(id, g.add_copy(node, std::move(inputs)));
  }
  return std::move(rewrite).finish();
}

}  // namespace

const Pass& passes::shared_exponentials() {
  static constexpr Pass pass{"shared_exponentials",
                             "a loss and its gradient share their exponentials", run};
  return pass;
}

}  // namespace grok
