#include <algorithm>
#include <optional>
#include <vector>

#include "grok/ops/catalog.h"
#include "grok/plan/pass.h"
#include "grok/plan/rewrite.h"

// Where all examples attend to one and the same row, that row is a common share of every mix: a
// pattern's weights sum to one, so its own weight need not be multiplied by anything.
//
//   p_a T[a] + p_b T[b] + p_e T[e]  =  T[e] + p_a (T[a] - T[e]) + p_b (T[b] - T[e])
//
//   before   mix_rows(softmax(scores), T, index [3830, 3])             the third always '='
//   after    mix_rows(slice(softmax(scores)), T - T[e], index [3830, 2]) + T[e]
//
// The common share is a row like a bias. Where T is a product, head by head, its factor is shifted
// instead, which is smaller.
namespace grok {
namespace {

/// A key whose row of the table is the same for all examples.
struct SharedKey {
  std::int64_t key = 0;  // the first or the last
  Token row = 0;
};

std::optional<SharedKey> shared_key(const TokenTensor& index) {
  const std::int64_t batch = index.shape[0], n_keys = index.shape[1];
  if (n_keys < 2 || batch == 0) return std::nullopt;
  for (const std::int64_t key : {n_keys - 1, std::int64_t{0}}) {
    const auto at = [&](std::int64_t b) {
      return index.data[static_cast<std::size_t>(b * n_keys + key)];
    };
    std::int64_t b = 1;
    while (b < batch && at(b) == at(0)) ++b;
    if (b == batch) return SharedKey{key, at(0)};
  }
  return std::nullopt;
}

/// Writes one mix anew, into a graph in which its inputs are known.
class Writer {
 public:
  Writer(Graph& graph, SharedKey shared) : g_(graph), shared_(shared) {}

  NodeId mix(NodeId p, NodeId table, NodeId index) {
    const std::int64_t n_keys = g_.shape(p)[3];
    const std::int64_t begin = shared_.key == 0 ? 1 : 0, end = begin + n_keys - 1;
    const NodeId others = g_.add(ops::slice(), {p}, {{"axis", 3}, {"begin", begin}, {"end", end}});
    const NodeId rows = others_of(index, begin, end);
    const auto [shifted, share] = shift(table);
    const NodeId mixed = g_.add(ops::mix_rows(), {others, shifted, rows});
    return g_.add(ops::add(), {mixed, share});
  }

 private:
  struct Shifted {
    NodeId table;  // every row less the shared one
    NodeId share;  // the shared one, its heads added up: [width]
  };

  NodeId others_of(NodeId index, std::int64_t begin, std::int64_t end) {
    const auto& from = std::get<TokenTensor>(*g_[index].constant);
    TokenTensor to(Shape{from.shape[0], end - begin});
    auto next = to.data.begin();
    for (std::int64_t b = 0; b < from.shape[0]; ++b)
      next = std::copy_n(from.data.begin() + b * from.shape[1] + begin, end - begin, next);
    return g_.constant(std::move(to));
  }

  NodeId reshaped(NodeId x, const Shape& shape) { return grok::reshaped(g_, x, shape); }

  // The shared row of a table [rows, heads, n], as [heads, n].
  NodeId row_of(NodeId table) {
    TokenTensor at(Shape{1});
    at.data[0] = shared_.row;
    const NodeId row = g_.add(ops::gather_rows(), {table, g_.constant(std::move(at))});
    return reshaped(row, g_.shape(table).slice(1, 3));
  }

  NodeId less(NodeId table, NodeId row) {
    return g_.add(ops::add(), {table, g_.add(ops::scale(), {row}, {{"factor", -1.0}})});
  }

  Shifted shift(NodeId table) {
    const Node node = g_[table];
    if (node.op == &ops::head_matmul() && node.attributes == Attributes{})
      return shift_product(node.inputs[0], node.inputs[1]);
    const NodeId row = row_of(table);
    const NodeId share = g_.add(ops::sum_leading(), {row}, {{"n_axes", 1}});
    return {less(table, row), share};
  }

  // (x_h - x_h[e]) W_h, and the sum over heads of x_h[e] W_h: one product of all heads.
  Shifted shift_product(NodeId x, NodeId w) {
    const Shape& factors = g_.shape(w);  // [heads, k, n]
    const std::int64_t inner = factors[0] * factors[1], n = factors[2];
    const NodeId row = row_of(x);
    const NodeId shifted = g_.add(ops::head_matmul(), {less(x, row), w});
    const NodeId one = reshaped(row, Shape{1, inner});
    const NodeId share = g_.add(ops::matmul(), {one, reshaped(w, Shape{inner, n})});
    return {shifted, reshaped(share, Shape{n})};
  }

  Graph& g_;
  SharedKey shared_;
};

std::optional<SharedKey> shared_key_of(const Graph& g, const Node& node) {
  if (node.op != &ops::mix_rows() || node.inputs.size() != 3) return std::nullopt;
  if (g[node.inputs[0]].op != &ops::softmax() || !g[node.inputs[2]].constant) return std::nullopt;
  return shared_key(std::get<TokenTensor>(*g[node.inputs[2]].constant));
}

Graph run(const Graph& old) {
  Rewrite rewrite(old);
  for (NodeId id = 0; id < old.size(); ++id) {
    const auto shared = shared_key_of(old, old[id]);
    if (!shared) {
      rewrite.copy(id);
      continue;
    }
    const auto& in = old[id].inputs;
    const NodeId mixed =
        Writer(rewrite.graph(), *shared).mix(rewrite(in[0]), rewrite(in[1]), rewrite(in[2]));
    rewrite.graph().take_hooks(mixed, old[id]);
    rewrite.map(id, mixed);
  }
  // The share is a sum of its own here, and rides in the mix once later passes have seen it.
  const Graph changed = std::move(rewrite).finish();
  return seconds_in_the_end(changed) < seconds_in_the_end(old) ? changed : old;
}

}  // namespace

const Pass& passes::shared_keys() {
  static constexpr Pass pass{"shared_keys", "a row that every example attends to is added once",
                             run};
  return pass;
}

}  // namespace grok
