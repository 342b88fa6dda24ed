#include <optional>

#include "grok/base/error.h"
#include "grok/ops/catalog.h"
#include "grok/plan/pass.h"
#include "grok/plan/sink.h"

// A row that no answer is read from is not computed: gathers of some rows of many sink towards the
// inputs, as slices do in dead_positions. Induction asks for 30 of an example's 85 positions, and
// not for the same ones in each.
//
//   before   gather(matmul(x, W), answers)          10,880 rows, of which 3,840 are read
//   after    matmul(gather(x, answers), W)           3,840 rows
namespace grok {
namespace {

// The readers of a value want these of its rows: its leading axes, n_rows together, are merged.
struct SomeRows {
  NodeId index = no_node;
  std::int64_t n_rows = 0;
  friend bool operator==(const SomeRows&, const SomeRows&) = default;
};

// How many leading axes make n_rows; 0 where no number of them does.
int n_row_axes(const Shape& shape, std::int64_t n_rows) {
  for (int n = 1; n <= shape.rank(); ++n)
    if (shape.product(0, n) == n_rows) return n;
  return 0;
}

class AnswerRows {
 public:
  explicit AnswerRows(const Graph& old) : old_(old) {}

  // Of a gather that reads fewer rows than there are. The index must be known before the table is.
  std::optional<SomeRows> taken_by(const Node& node) const {
    if (node.op != &ops::gather_rows() || !is_leaf(old_[node.inputs[1]])) return std::nullopt;
    const std::int64_t n_rows = old_.shape(node.inputs[0])[0];
    if (old_.shape(node.inputs[1]).n_elements() >= n_rows) return std::nullopt;
    return SomeRows{node.inputs[1], n_rows};
  }

  std::optional<std::vector<std::optional<SomeRows>>> asked_by(const Node& node,
                                                               const SomeRows& rows) const {
    const auto follow = inputs_that_follow(node, rows.n_rows);
    if (!follow || !takes_rows(node, *follow, rows)) return std::nullopt;
    std::vector<std::optional<SomeRows>> out;
    for (const bool follows : *follow) out.push_back(follows ? std::optional(rows) : std::nullopt);
    return out;
  }

  NodeId take(Rewrite& rewrite, NodeId whole, const SomeRows& rows) const {
    if (!rewrite.has(rows.index)) rewrite.copy(rows.index);
    const Shape& shape = old_.shape(whole);
    const Shape rest = shape.slice(n_row_axes(shape, rows.n_rows), shape.rank());
    Graph& g = rewrite.graph();
    NodeId table = rewrite(whole);
    if (shape[0] != rows.n_rows) table = reshaped(g, table, Shape{rows.n_rows}.concat(rest));
    return g.add(ops::gather_rows(), {table, rewrite(rows.index)});
  }

  Shape shape_of(const Shape& whole, const SomeRows& rows) const {
    const int n_axes = n_row_axes(whole, rows.n_rows);
    return old_.shape(rows.index).concat(whole.slice(n_axes, whole.rank()));
  }

 private:
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

  // Whether the op can do with as many row axes as the index has: attention asks for four axes.
  bool takes_rows(const Node& node, const std::vector<bool>& follows, const SomeRows& rows) const {
    std::vector<TensorType> types = old_.input_types(node);
    for (std::size_t i = 0; i < types.size(); ++i)
      if (follows[i]) types[i].shape = shape_of(types[i].shape, rows);
    const Shape shape = shape_of(node.type.shape, rows);
    try {
      const Attributes attributes = attributes_for(node, shape);
      return node.op->infer(types, attributes).shape == shape;
    } catch (const ContractBroken&) {
      return false;
    }
  }

  const Graph& old_;
};

// A gather that sinks moves rows of several values where it moved those of one, and takes the place
// of a table that others may want whole: less than a twentieth is no gain that is sure.
Graph run(const Graph& old) {
  Graph changed = Sink<SomeRows, AnswerRows>(old, AnswerRows(old)).run();
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
