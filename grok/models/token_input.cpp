#include "grok/models/token_input.h"

#include "grok/ops/catalog.h"

namespace grok {
namespace {

NodeId sliced(Graph& g, NodeId x, std::int64_t axis, std::int64_t begin, std::int64_t end) {
  return g.add(ops::slice(), {x}, {{"axis", axis}, {"begin", begin}, {"end", end}});
}

// Row a of the first part of W, row b of the second and so on, added up.
NodeId looked_up(Graph& g, const ModelSizes& sizes, NodeId tokens, NodeId W) {
  NodeId sum = no_node;
  for (std::int64_t i = 0; i < sizes.n_ctx; ++i) {
    const NodeId part = sliced(g, W, 0, i * sizes.d_vocab, (i + 1) * sizes.d_vocab);
    const NodeId rows = g.add(ops::gather_rows(), {part, sliced(g, tokens, 1, i, i + 1)});
    sum = i == 0 ? rows : g.add(ops::add(), {sum, rows});
  }
  return sum;
}

}  // namespace

std::int64_t width_of_tokens(const ModelSizes& sizes) {
  return sizes.n_ctx * (sizes.features ? sizes.features->shape[1] : sizes.d_vocab);
}

NodeId tokens_times(Graph& g, const ModelSizes& sizes, NodeId tokens, NodeId W) {
  if (!sizes.features) return looked_up(g, sizes, tokens, W);
  const NodeId each = g.add(ops::gather_rows(), {g.constant(*sizes.features), tokens});
  const NodeId all =
      g.add(ops::reshape(), {each},
            {{"shape", std::vector<std::int64_t>{g.shape(tokens)[0], 1, width_of_tokens(sizes)}}});
  return g.add(ops::matmul(), {all, W});
}

}  // namespace grok
