#include <algorithm>
#include <bit>
#include <numeric>
#include <optional>
#include <vector>

#include "grok/ops/catalog.h"
#include "grok/plan/pass.h"
#include "grok/plan/rewrite.h"

// A mean over examples does not care for their order, nor whether an example that occurs twice is
// computed twice. Equal examples become one, counted in the mean; the rest is put in an order in
// which neighbours look up the same rows of the tables, so that these stay in the cache.
//
//   before   mean(loss(tokens [3830, 3], labels))          as the split drew them
//   after    mean(loss(tokens', labels'))                  tile by tile of (a, b)
//
// Only where nothing but the mean sees examples: no capture, no sum over them.
namespace grok {
namespace {

constexpr int not_rows = -1;

// Which axis of each node counts the examples.
class ExampleAxes {
 public:
  // Nothing where another reader than `mean` sees examples, or where a leaf that is not a constant
  // holds them.
  static std::optional<ExampleAxes> behind(const Graph& g, NodeId mean) {
    ExampleAxes found(g);
    found.axis_[index(g[mean].inputs[0])] = 0;
    for (NodeId id = mean - 1; id >= 0; --id)
      if (found.of(id) != not_rows && !found.follow(id)) return std::nullopt;
    if (!found.seen_by_nothing_but(mean)) return std::nullopt;
    return found;
  }

  int of(NodeId id) const { return axis_[index(id)]; }

 private:
  explicit ExampleAxes(const Graph& g)
      : g_(g), axis_(static_cast<std::size_t>(g.size()), not_rows) {}
  static std::size_t index(NodeId id) { return static_cast<std::size_t>(id); }

  bool follow(NodeId id) {
    const Node& node = g_[id];
    if (node.constant) return true;
    if (is_leaf(node) || !node.op->source_axes) return false;
    const auto from =
        node.op->source_axes(g_.input_types(node), node.type, node.attributes, of(id));
    if (!from) return false;
    for (std::size_t i = 0; i < from->size(); ++i) {
      int& axis = axis_[index(node.inputs[i])];
      if ((*from)[i] < 0) continue;
      if (axis != not_rows && axis != (*from)[i]) return false;
      axis = (*from)[i];
    }
    return true;
  }

  bool seen_by_nothing_but(NodeId mean) const {
    for (const auto& [name, id] : g_.outputs())
      if (of(id) != not_rows) return false;
    for (NodeId id = 0; id < g_.size(); ++id) {
      if (id == mean) continue;
      const Node& node = g_[id];
      std::optional<std::vector<int>> from;
      if (of(id) != not_rows && !is_leaf(node))
        from = node.op->source_axes(g_.input_types(node), node.type, node.attributes, of(id));
      for (std::size_t i = 0; i < node.inputs.size(); ++i)
        if (of(node.inputs[i]) != not_rows && (!from || (*from)[i] != of(node.inputs[i])))
          return false;
    }
    return true;
  }

  const Graph& g_;
  std::vector<int> axis_;
};

// The numbers of one example, wherever they stand in constants of tokens.
using Tuples = std::vector<std::vector<Token>>;

// Side of the tiles in which examples are sorted: of 16 x 16 pairs of numbers, say. The rows that
// one tile looks up fit the second cache, and in its order neighbours often share the first row.
constexpr int log2_tile = 4;

// True if `a` comes before `b`: tile by tile along a Z-shaped curve (the column in which the
// highest bit differs decides, for the curve interleaves the bits of all columns), within a tile in
// order.
bool earlier(const std::vector<Token>& a, const std::vector<Token>& b) {
  std::size_t column = 0;
  std::uint32_t most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto differ = static_cast<std::uint32_t>((a[i] ^ b[i]) >> log2_tile);
    if (std::bit_width(differ) <= std::bit_width(most)) continue;
    most = differ;
    column = i;
  }
  return most == 0 ? a < b : a[column] < b[column];
}

template <class T>
TensorOf<T> taken(const TensorOf<T>& x, int axis, const std::vector<std::size_t>& examples) {
  TensorOf<T> out(x.shape.with(axis, static_cast<std::int64_t>(examples.size())));
  const auto n = static_cast<std::size_t>(x.shape[axis]);
  const auto inner = static_cast<std::size_t>(x.shape.product(axis + 1, x.shape.rank()));
  auto to = out.data.begin();
  for (std::size_t before = 0; before < x.data.size(); before += n * inner)
    for (const std::size_t e : examples)
      to = std::copy_n(x.data.begin() + static_cast<std::ptrdiff_t>(before + e * inner), inner, to);
  return out;
}

class UniqueExamples {
 public:
  UniqueExamples(const Graph& old, NodeId mean, ExampleAxes axes)
      : old_(old), mean_(mean), axes_(std::move(axes)) {
    n_ = static_cast<std::size_t>(old.shape(old[mean].inputs[0])[0]);
  }

  Graph run() {
    choose();
    Rewrite rewrite(old_);
    Graph& g = rewrite.graph();
    for (NodeId id = 0; id < old_.size(); ++id) {
      if (id == mean_)
        rewrite.map(id, mean_of(g, rewrite(old_[id].inputs[0])));
      else if (axes_.of(id) == not_rows)
        rewrite.copy(id);
      else
        emit(rewrite, id);
    }
    return std::move(rewrite).finish();
  }

 private:
  // Sorts the examples, and counts those that are equal in every constant.
  void choose() {
    const Tuples places = tuples(true), all = tuples(false);
    std::vector<std::size_t> order(n_);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      if (places[a] != places[b]) return earlier(places[a], places[b]);
      return all[a] != all[b] ? all[a] < all[b] : a < b;
    });
    for (const std::size_t e : order) {
      const bool again = !examples_.empty() && all[e] == all[examples_.back()];
      if (again) {
        ++counts_.back();
        continue;
      }
      examples_.push_back(e);
      counts_.push_back(1);
    }
  }

  // Of each example its numbers: those that gathers look up, or all.
  Tuples tuples(bool looked_up) const {
    Tuples out(n_);
    for (NodeId id = 0; id < old_.size(); ++id) {
      if (axes_.of(id) == not_rows || !old_[id].constant || (looked_up && !is_looked_up(id)))
        continue;
      for (std::size_t e = 0; e < n_; ++e) {
        const auto add = [&](const auto& x) {
          for (const auto value : taken(x, axes_.of(id), {e}).data) append(out[e], value);
        };
        std::visit(add, *old_[id].constant);
      }
    }
    return out;
  }

  template <class T>
  static void append(std::vector<Token>& to, T value) {
    if constexpr (sizeof(T) == sizeof(Token)) {
      to.push_back(std::bit_cast<Token>(value));
    } else {
      const auto bits = std::bit_cast<std::uint64_t>(value);
      to.push_back(static_cast<Token>(bits));
      to.push_back(static_cast<Token>(bits >> 32));
    }
  }

  bool is_looked_up(NodeId constant) const {
    for (NodeId id = 0; id < old_.size(); ++id)
      if (old_[id].op == &ops::gather_rows() && old_[id].inputs[1] == constant) return true;
    return false;
  }

  void emit(Rewrite& rewrite, NodeId id) {
    const Node& node = old_[id];
    Graph& g = rewrite.graph();
    if (node.constant) {
      const auto take = [&](const auto& x) { return Constant(taken(x, axes_.of(id), examples_)); };
      rewrite.map(id, g.constant(std::visit(take, *node.constant)));
      return;
    }
    const Shape shape =
        node.type.shape.with(axes_.of(id), static_cast<std::int64_t>(examples_.size()));
    std::vector<NodeId> inputs;
    for (const NodeId input : node.inputs) inputs.push_back(rewrite(input));
    const NodeId copy = g.add(*node.op, std::move(inputs), attributes_for(node, shape));
    rewrite.map(id, copy);
  }

  NodeId mean_of(Graph& g, NodeId losses) {
    if (examples_.size() == n_) return g.add(ops::mean(), {losses});
    const Shape shape{static_cast<std::int64_t>(counts_.size())};
    return g.add(ops::mean(), {losses, g.constant(TokenTensor(shape, counts_))});
  }

  const Graph& old_;
  NodeId mean_;
  ExampleAxes axes_;
  std::size_t n_ = 0;
  std::vector<std::size_t> examples_;  // kept, in their new order
  std::vector<Token> counts_;
};

Graph run(const Graph& old) {
  for (NodeId id = 0; id < old.size(); ++id) {
    if (old[id].op != &ops::mean() || old[id].inputs.size() != 1) continue;
    if (auto axes = ExampleAxes::behind(old, id)) return UniqueExamples(old, id, *axes).run();
  }
  return old;
}

}  // namespace

const Pass& passes::unique_examples() {
  static constexpr Pass pass{"unique_examples",
                             "equal examples are computed once, near ones one after another", run};
  return pass;
}

}  // namespace grok
