#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "grok/base/error.h"
#include "grok/ops/catalog.h"
#include "grok/plan/pass.h"
#include "grok/plan/rewrite.h"
#include "grok/plan/surroundings.h"

// A chain of linear maps is associated in the order that costs least: a product with a weight moves
// towards the inputs, through sums, gathers and attention's weighted sums, until it meets few rows
// or another weight.
//
//   before   matmul(add(matmul(hidden, W_out), mix), W_U)         3,830 rows twice
//   after    add(matmul(hidden, matmul(W_out, W_U)), mix(table W_U))    once; the rest on small
//   tables
//
// Each product is tried by itself and moved where the graph around it, what is then dead left out,
// gets cheaper: a residual stream that a capture reads must be computed anyway, and is then best
// used.
namespace grok {
namespace {

double rows_of(const Shape& s) { return static_cast<double>(s.product(0, s.rank() - 1)); }

/// Builds x W for a value x of the graph it is given.
class Mover {
 public:
  explicit Mover(Graph& graph) : g_(graph) {}

  /// x [..., k] and w [k, n] -> [..., n]
  NodeId product(NodeId x, NodeId w) {
    const auto [at, is_new] = done_.try_emplace({x, w}, no_node);
    if (is_new) at->second = built(x, w);
    return at->second;
  }

  /// Whether a product may move through an op, or looks at what lies behind it.
  static bool leads_back(const OpDef& op) {
    return way_through(op) || &op == &ops::attention_mix();
  }

 private:
  struct Way {
    const OpDef& (*op)();
    std::optional<NodeId> (Mover::*move)(NodeId x, NodeId w);
  };

  static const Way* way_through(const OpDef& op) {
    static constexpr Way ways[] = {{&ops::add, &Mover::of_sum},
                                   {&ops::matmul, &Mover::of_product},
                                   {&ops::head_matmul, &Mover::of_head_product},
                                   {&ops::gather_rows, &Mover::of_gather},
                                   {&ops::broadcast_leading, &Mover::of_broadcast},
                                   {&ops::mix_rows, &Mover::of_mix},
                                   {&ops::reshape, &Mover::of_reshape}};
    for (const Way& way : ways)
      if (&way.op() == &op) return &way;
    return nullptr;
  }

  NodeId built(NodeId x, NodeId w) {
    std::optional<NodeId> moved;
    if (const Way* way = way_through(*g_[x].op)) moved = (this->*way->move)(x, w);
    return moved ? *moved : plain(x, w);
  }

  double width_of(NodeId w) const { return static_cast<double>(g_.shape(w)[-1]); }
  NodeId reshaped(NodeId x, const Shape& shape) { return grok::reshaped(g_, x, shape); }

  NodeId plain(NodeId x, NodeId w) {
    if (g_.shape(x).rank() > 1) return g_.add(ops::matmul(), {x, w});
    const NodeId row = g_.add(ops::matmul(), {reshaped(x, Shape{1, g_.shape(x)[0]}), w});
    return reshaped(row, Shape{g_.shape(w)[1]});
  }

  // (a + b) W = a W + b W
  std::optional<NodeId> of_sum(NodeId x, NodeId w) {
    const auto inputs = g_[x].inputs;
    const NodeId a = product(inputs[0], w);
    const NodeId b = product(inputs[1], w);
    return g_.add(ops::add(), {a, b});
  }

  // (a B) W = a (B W)
  std::optional<NodeId> of_product(NodeId x, NodeId w) {
    const Node node = g_[x];
    if (node.inputs.size() != 2 || node.attributes != Attributes{}) return std::nullopt;
    const double rows = rows_of(g_.shape(node.inputs[0]));
    const double inner = static_cast<double>(g_.shape(node.inputs[1])[0]);
    const double middle = static_cast<double>(g_.shape(node.inputs[1])[1]);
    const double n = width_of(w);
    if (rows * inner * n + inner * middle * n >= rows * middle * (inner + n)) return std::nullopt;
    return product(node.inputs[0], plain(node.inputs[1], w));
  }

  // The same head by head: x_h B_h W = x_h (B_h W)
  std::optional<NodeId> of_head_product(NodeId x, NodeId w) {
    const Node node = g_[x];
    if (node.attributes != Attributes{}) return std::nullopt;
    const Shape& b = g_.shape(node.inputs[1]);
    const auto heads = static_cast<double>(b[0]), inner = static_cast<double>(b[1]);
    const auto middle = static_cast<double>(b[2]);
    const auto rows = static_cast<double>(g_.shape(x)[0]);
    const double n = width_of(w);
    if (heads * inner * n * (rows + middle) >= rows * heads * middle * (inner + n))
      return std::nullopt;
    const NodeId folded = plain(node.inputs[1], w);
    return g_.add(ops::head_matmul(), {node.inputs[0], folded});
  }

  // T[index] W = (T W)[index]
  std::optional<NodeId> of_gather(NodeId x, NodeId w) {
    const Node node = g_[x];
    const Shape& table = g_.shape(node.inputs[0]);
    if (table.rank() < 2 || rows_of(table) >= rows_of(g_.shape(x))) return std::nullopt;
    const NodeId folded = product(node.inputs[0], w);
    return g_.add(ops::gather_rows(), {folded, node.inputs[1]});
  }

  std::optional<NodeId> of_broadcast(NodeId x, NodeId w) {
    const Node node = g_[x];
    const NodeId folded = product(node.inputs[0], w);
    return g_.add(ops::broadcast_leading(), {folded}, node.attributes);
  }

  // (sum of p T[index]) W = sum of p (T W)[index]
  std::optional<NodeId> of_mix(NodeId x, NodeId w) {
    const Node node = g_[x];
    if (node.inputs.size() != 3) return std::nullopt;
    const Shape& table = g_.shape(node.inputs[1]);
    const auto terms = static_cast<double>(g_.shape(node.inputs[0]).n_elements());
    const auto middle = static_cast<double>(table[2]);
    const double n = width_of(w);
    const double before = terms * middle + rows_of(g_.shape(x)) * middle * n;
    if (rows_of(table) * middle * n + terms * n >= before) return std::nullopt;
    const NodeId folded = product(node.inputs[1], w);
    return g_.add(ops::mix_rows(), {node.inputs[0], folded, node.inputs[2]});
  }

  std::optional<NodeId> of_reshape(NodeId x, NodeId w) {
    const Node node = g_[x];
    const Shape inner = g_.shape(node.inputs[0]);
    if (const auto mixed = of_heads(x, w)) return mixed;
    if (inner.rank() < 1 || inner[-1] != node.type.shape[-1]) return std::nullopt;
    const NodeId moved = product(node.inputs[0], w);
    return reshaped(moved, node.type.shape.with(-1, g_.shape(w)[1]));
  }

  // Attention's output, heads side by side, times W_O: each head's values meet their part of W_O
  // before they are mixed.
  //   x = reshape(attention_mix(p, V[index]))    x W = mix_rows(p, V_h W_h, index)
  std::optional<NodeId> of_heads(NodeId x, NodeId w) {
    const Node mix = g_[g_[x].inputs[0]];
    if (mix.op != &ops::attention_mix() || mix.attributes != Attributes{}) return std::nullopt;
    const Node values = g_[mix.inputs[1]];
    const Shape& z = mix.type.shape;  // [batch, queries, heads, d_head]
    if (values.op != &ops::gather_rows() || g_.shape(values.inputs[0]).rank() != 3 ||
        g_.shape(x) != Shape{z[0], z[1], z[2] * z[3]})
      return std::nullopt;
    const NodeId per_head = reshaped(w, Shape{z[2], z[3], g_.shape(w)[1]});
    const NodeId table = g_.add(ops::head_matmul(), {values.inputs[0], per_head});
    return g_.add(ops::mix_rows(), {mix.inputs[0], table, values.inputs[1]});
  }

  Graph& g_;
  std::map<std::pair<NodeId, NodeId>, NodeId> done_;  // a value may be reached by many ways
};

Graph with_moved(const Graph& old, NodeId product) {
  Rewrite rewrite(old);
  for (NodeId id = 0; id < old.size(); ++id) {
    if (id != product) {
      rewrite.copy(id);
      continue;
    }
    const NodeId x = rewrite(old[id].inputs[0]);
    const NodeId w = rewrite(old[id].inputs[1]);
    const NodeId moved = Mover(rewrite.graph()).product(x, w);
    rewrite.graph().take_hooks(moved, old[id]);
    rewrite.map(id, moved);
  }
  return passes::dead_nodes().run(std::move(rewrite).finish());
}

bool is_plain_product(const Node& node) {
  return node.op == &ops::matmul() && node.inputs.size() == 2 && node.attributes == Attributes{};
}

/// What moving a product saves, in seconds.
double saved_by_moving(const Graph& graph, NodeId product) {
  const Surroundings around = surroundings_of(graph, product, &Mover::leads_back);
  return seconds_in_the_end(around.graph) -
         seconds_in_the_end(with_moved(around.graph, around.product));
}

Graph run(const Graph& old) {
  Graph best = passes::dead_nodes().run(old);
  double seconds = seconds_in_the_end(best);
  // From the last product back: what is moved lands before it, and is not tried again this round.
  for (bool improved = true; improved;) {
    improved = false;
    for (NodeId id = best.size() - 1; id >= 0; --id) {
      if (id >= best.size() || !is_plain_product(best[id])) continue;
      const double saved = saved_by_moving(best, id);
      if (saved <= 0.001 * seconds) continue;  // not worth another graph
      best = with_moved(best, id);
      seconds -= saved;
      improved = true;
    }
  }
  return best;
}

}  // namespace

const Pass& passes::linear_folding() {
  static constexpr Pass pass{"linear_folding",
                             "chains of linear maps are associated in the cheapest order", run};
  return pass;
}

}  // namespace grok
