#include <optional>

#include "grok/base/error.h"
#include "grok/ops/catalog.h"
#include "grok/plan/pass.h"
#include "grok/plan/rewrite.h"

// A row that no answer is read from is not computed: gathers of some rows of many sink towards the
// inputs, as slices do in dead_positions. Induction asks for 30 of an example's 85 positions, and
// not for the same ones in each.
//
//   before   gather(matmul(x, W), answers)          10,880 rows, of which 3,840 are read
//   after    matmul(gather(x, answers), W)           3,840 rows
namespace grok {
namespace {

// The readers of a value want these of its rows: its leading axes, n_rows together, are merged.
struct Rows {
  NodeId index = no_node;
  std::int64_t n_rows = 0;
  friend bool operator==(const Rows&, const Rows&) = default;
};

// What the readers of a node ask of it: nothing yet, one and the same rows, or all.
struct Demand {
  bool all = false;
  std::optional<Rows> rows;

  void ask_all() { all = true; }
  void ask(const Rows& r) {
    if (rows && !(*rows == r)) all = true;
    rows = r;
  }
};

// How many leading axes make n_rows; 0 where no number of them does.
int n_row_axes(const Shape& shape, std::int64_t n_rows) {
  for (int n = 1; n <= shape.rank(); ++n)
    if (shape.product(0, n) == n_rows) return n;
  return 0;
}

class UnreadRows {
 public:
  explicit UnreadRows(const Graph& old)
      : old_(old), rewrite_(old), demands_(static_cast<std::size_t>(old.size())) {}

  Graph run() {
    collect_demands();
    for (NodeId id = 0; id < old_.size(); ++id) emit(id);
    return std::move(rewrite_).finish();
  }

 private:
  Demand& demand(NodeId id) { return demands_[static_cast<std::size_t>(id)]; }

  void collect_demands() {
    for (const auto& [name, id] : old_.outputs()) demand(id).ask_all();
    for (NodeId id = old_.size() - 1; id >= 0; --id) {
      const Node& node = old_[id];
      Demand& d = demand(id);
      if (!d.all && !d.rows) continue;  // nothing reads it
      if (d.all) {
        if (const auto rows = rows_of_gather(node)) {
          demand(node.inputs[0]).ask(*rows);
          demand(node.inputs[1]).ask_all();
          continue;
        }
      }
      std::optional<std::vector<bool>> follows;
      if (!d.all) follows = inputs_that_follow(node, d.rows->n_rows);
      if (follows && !takes_rows(node, *follows, *d.rows)) follows.reset();
      if (!follows) d.ask_all();
      for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        if (follows && (*follows)[i])
          demand(node.inputs[i]).ask(*d.rows);
        else
          demand(node.inputs[i]).ask_all();
      }
    }
  }

  // Of a gather that reads fewer rows than there are. The index must be known before the table is.
  std::optional<Rows> rows_of_gather(const Node& node) const {
    if (node.op != &ops::gather_rows() || !is_leaf(old_[node.inputs[1]])) return std::nullopt;
    const std::int64_t n_rows = old_.shape(node.inputs[0])[0];
    if (old_.shape(node.inputs[1]).n_elements() >= n_rows) return std::nullopt;
    return Rows{node.inputs[1], n_rows};
  }

  // Which inputs have the rows of the output, each its own; the others are used whole by all rows.
  // Nothing where the op mixes rows, or has an input that only some of the row axes lead into.
  std::optional<std::vector<bool>> inputs_that_follow(const Node& node, std::int64_t n_rows) const {
    const int n_axes = n_row_axes(node.type.shape, n_rows);
    if (n_axes == 0 || is_leaf(node)) return std::nullopt;
    if (node.op == &ops::reshape()) {
      if (n_row_axes(old_.shape(node.inputs[0]), n_rows) == 0) return std::nullopt;
      return std::vector<bool>{true};
    }
    if (!node.op->source_axes || node.op->numbers_axes || node.type.dtype != DType::f32)
      return std::nullopt;
    const auto types = old_.input_types(node);
    std::vector<bool> out(node.inputs.size());
    for (int axis = 0; axis < n_axes; ++axis) {
      const auto from = node.op->source_axes(types, node.type, node.attributes, axis);
      if (!from) return std::nullopt;
      for (std::size_t i = 0; i < out.size(); ++i) {
        const bool has_axis = (*from)[i] >= 0;
        if (axis == 0) out[i] = has_axis;
        if (has_axis != out[i] || (has_axis && (*from)[i] != axis)) return std::nullopt;
        if (has_axis && types[i].dtype != DType::f32) return std::nullopt;
      }
    }
    return out;
  }

  // A value of the shape of `shape`, of which only the rows of the index are left.
  Shape shape_of_rows(const Shape& shape, const Rows& rows) const {
    const int n_axes = n_row_axes(shape, rows.n_rows);
    return old_.shape(rows.index).concat(shape.slice(n_axes, shape.rank()));
  }

  Attributes attributes_for(const Node& node, const Shape& shape) const {
    return node.op->resized ? node.op->resized(node.attributes, shape) : node.attributes;
  }

  // Whether the op can do with as many row axes as the index has: attention asks for four axes.
  bool takes_rows(const Node& node, const std::vector<bool>& follows, const Rows& rows) const {
    std::vector<TensorType> types = old_.input_types(node);
    for (std::size_t i = 0; i < types.size(); ++i)
      if (follows[i]) types[i].shape = shape_of_rows(types[i].shape, rows);
    const Shape shape = shape_of_rows(node.type.shape, rows);
    try {
      return node.op->infer(types, attributes_for(node, shape)).shape == shape;
    } catch (const ContractBroken&) {
      return false;
    }
  }

  // The rows of an old value that are asked for, whichever form it was emitted in.
  NodeId rows_of_input(NodeId id, const Rows& rows) {
    if (!demand(id).all) return rewrite_(id);  // emitted in just this form
    if (!rewrite_.has(rows.index)) rewrite_.copy(rows.index);
    const Shape& shape = old_.shape(id);
    const Shape rest = shape.slice(n_row_axes(shape, rows.n_rows), shape.rank());
    Graph& g = rewrite_.graph();
    NodeId table = rewrite_(id);
    if (shape[0] != rows.n_rows) table = reshaped(g, table, Shape{rows.n_rows}.concat(rest));
    return g.add(ops::gather_rows(), {table, rewrite_(rows.index)});
  }

  void emit(NodeId id) {
    const Node& node = old_[id];
    const Demand& d = demand(id);
    if (rewrite_.has(id) || (!d.all && !d.rows)) return;
    if (!d.all) {
      emit_rows(id);
    } else if (const auto rows = rows_of_gather(node)) {
      const NodeId gathered = rows_of_input(node.inputs[0], *rows);
      rewrite_.graph().take_hooks(gathered, node);
      rewrite_.map(id, gathered);
    } else {
      rewrite_.copy(id);
    }
  }

  void emit_rows(NodeId id) {
    const Node& node = old_[id];
    const Rows& rows = *demand(id).rows;
    const auto follows = inputs_that_follow(node, rows.n_rows);
    std::vector<NodeId> inputs;
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
      inputs.push_back((*follows)[i] ? rows_of_input(node.inputs[i], rows)
                                     : rewrite_(node.inputs[i]));
    rewrite_.map(id,
                 rewrite_.graph().add(*node.op, std::move(inputs),
                                      attributes_for(node, shape_of_rows(node.type.shape, rows))));
  }

  const Graph& old_;
  Rewrite rewrite_;
  std::vector<Demand> demands_;
};

// A gather that sinks moves rows of several values where it moved those of one, and takes the place
// of a table that others may want whole: less than a twentieth is no gain that is sure.
Graph run(const Graph& old) {
  Graph changed = UnreadRows(old).run();
  const double before = seconds_of(cost_of(old)), after = seconds_of(cost_of(changed));
  return after < 0.95 * before ? std::move(changed) : old;
}

}  // namespace

const Pass& passes::unread_rows() {
  static constexpr Pass pass{"unread_rows", "a row that no answer is read from is not computed",
                             run};
  return pass;
}

}  // namespace grok
