#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>

#include "grok/base/error.h"
#include "grok/ops/catalog.h"
#include "grok/plan/evaluate.h"
#include "grok/plan/pass.h"
#include "grok/plan/rewrite.h"

// What depends only on (token, position) is computed once per distinct pair and gathered later: an
// op that works row by row commutes with a gather, so gathers sink towards the loss.
//
//   before   k = matmul(add(gather(W_E, tokens), W_pos), W_K)       3,830 examples x 3 positions
//   after    k = gather(matmul(add(...), W_K), pairs)               227 distinct rows
//
// Scores of gathered queries and keys become a table of numbers, and gathers of its entries.
namespace grok {
namespace {

// A value that is gather_rows(table, index), with the gather not made yet.
struct Rows {
  NodeId table = no_node;  // in the new graph
  TokenTensor index;       // its shape is the leading axes of the value
};

// A row form is worth its gather when it at least halves the rows.
bool pays(std::int64_t n_rows_of_table, const TokenTensor& index) {
  return 2 * n_rows_of_table <= index.shape.n_elements();
}

// Numbers pairs in the order in which they come: millions of them, so a table without nodes. At
// most half as many pairs may differ as there are.
class PairNumbers {
 public:
  explicit PairNumbers(std::size_t n_pairs)
      : slots_(std::bit_ceil(n_pairs + 2)), shift_(std::countl_zero(slots_.size()) + 1) {}

  Token of(Token a, Token b) {
    const std::uint64_t pair =
        std::uint64_t{static_cast<std::uint32_t>(a)} << 32 | static_cast<std::uint32_t>(b);
    std::size_t at = static_cast<std::size_t>(pair * 0x9e3779b97f4a7c15u >> shift_);
    while (slots_[at].number >= 0 && slots_[at].pair != pair) at = (at + 1) & (slots_.size() - 1);
    if (slots_[at].number < 0) slots_[at] = {pair, n_++};
    return slots_[at].number;
  }

 private:
  struct Slot {
    std::uint64_t pair = 0;
    Token number = -1;
  };
  std::vector<Slot> slots_;
  int shift_;
  Token n_ = 0;
};

// How one input of a row-wise op follows the rows of the output.
enum class Follows { whole, rows, trailing };

class UniqueRows {
 public:
  explicit UniqueRows(const Graph& old)
      : old_(old),
        rewrite_(old),
        g_(rewrite_.graph()),
        rows_(static_cast<std::size_t>(old.size())) {}

  Graph run() {
    for (NodeId id = 0; id < old_.size(); ++id) {
      rows(id) = row_form(id);
      if (rows(id)) continue;
      for (const NodeId input : old_[id].inputs) materialize(input);
      rewrite_.copy(id);
    }
    for (const auto& [name, id] : old_.outputs()) materialize(id);
    return std::move(rewrite_).finish();
  }

 private:
  std::optional<Rows>& rows(NodeId id) { return rows_[static_cast<std::size_t>(id)]; }

  NodeId materialize(NodeId id) {
    if (rewrite_.has(id)) return rewrite_(id);
    const Rows& r = *rows(id);
    const NodeId gathered = g_.add(ops::gather_rows(), {r.table, g_.constant(r.index)});
    g_.take_hooks(gathered, old_[id]);
    rewrite_.map(id, gathered);
    return gathered;
  }

  std::optional<Rows> row_form(NodeId id) {
    const Node& node = old_[id];
    if (node.op == &ops::gather_rows()) return of_gather(node);
    if (node.op == &ops::slice()) return of_slice(node);
    if (node.op == &ops::attention_scores()) return of_scores(node);
    return of_row_wise(node);
  }

  std::optional<Rows> of_gather(const Node& node) {
    const TokenTensor* index = constant_tokens(old_, node.inputs[1]);
    if (!index || old_[node.inputs[0]].type.dtype != DType::f32) return std::nullopt;
    return compacted({materialize(node.inputs[0]), *index});
  }

  // A slice of rows is a gather by a slice of the index.
  std::optional<Rows> of_slice(const Node& node) {
    const std::optional<Rows>& in = rows(node.inputs[0]);
    const auto axis = static_cast<int>(node.attributes.integer("axis"));
    if (!in || axis >= in->index.shape.rank()) return std::nullopt;
    return compacted({in->table, evaluate(ops::slice(), in->index, node.attributes)});
  }

  // Rows of the table that no index names are left out, where they are more than half.
  std::optional<Rows> compacted(Rows r) {
    const std::int64_t n_table = g_.shape(r.table)[0];
    std::vector<Token> used(r.index.data.begin(), r.index.data.end());
    std::sort(used.begin(), used.end());
    used.erase(std::unique(used.begin(), used.end()), used.end());
    if (2 * static_cast<std::int64_t>(used.size()) <= n_table) {
      for (Token& t : r.index.data)
        t = static_cast<Token>(std::lower_bound(used.begin(), used.end(), t) - used.begin());
      const Shape shape{static_cast<std::int64_t>(used.size())};
      r.table = g_.add(ops::gather_rows(), {r.table, g_.constant(TokenTensor(shape, used))});
    }
    if (!pays(g_.shape(r.table)[0], r.index)) return std::nullopt;
    return r;
  }

  // Scores of gathered queries with gathered keys are numbers of a table: each distinct query with
  // each distinct key, head by head.
  std::optional<Rows> of_scores(const Node& node) {
    const std::optional<Rows>& q = rows(node.inputs[0]);
    const std::optional<Rows>& k = rows(node.inputs[1]);
    const std::int64_t n_heads = node.type.shape[1];
    const auto are_rows = [](const std::optional<Rows>& r) {
      return r && r->index.shape.rank() == 2;
    };
    if (!are_rows(q) || !are_rows(k) || node.attributes.integer_or("visible", 0) > 0)
      return std::nullopt;
    const std::int64_t n_q = g_.shape(q->table)[0];
    const std::int64_t n_k = g_.shape(k->table)[0];
    Rows scores{no_node, TokenTensor(node.type.shape)};
    if (!pays(n_heads * n_q * n_k, scores.index)) return std::nullopt;
    const NodeId all =
        g_.add(*node.op, {as_one_example(q->table), as_one_example(k->table)}, node.attributes);
    scores.table = reshaped(all, {n_heads * n_q * n_k});
    const Shape& s = node.type.shape;  // [batch, heads, queries, keys]
    std::size_t at = 0;
    for (std::int64_t b = 0; b < s[0]; ++b)
      for (std::int64_t h = 0; h < n_heads; ++h)
        for (std::int64_t i = 0; i < s[2]; ++i)
          for (std::int64_t j = 0; j < s[3]; ++j) {
            const Token query = q->index.data[static_cast<std::size_t>(b * s[2] + i)];
            const Token key = k->index.data[static_cast<std::size_t>(b * s[3] + j)];
            scores.index.data[at++] = static_cast<Token>((h * n_q + query) * n_k + key);
          }
    return scores;
  }

  NodeId reshaped(NodeId value, const Shape& shape) { return grok::reshaped(g_, value, shape); }

  // A table [rows, heads, d_head] as a batch of one: [1, rows, heads, d_head].
  NodeId as_one_example(NodeId table) {
    const Shape& s = g_.shape(table);
    return reshaped(table, {1, s[0], s[1], s[2]});
  }

  // The leading axes of the output that are rows: as many as the index of any input has.
  int n_row_axes(const Node& node) {
    int n = 0;
    for (const NodeId i : node.inputs)
      if (rows(i)) n = std::max(n, rows(i)->index.shape.rank());
    return n;
  }

  std::optional<std::vector<Follows>> how_inputs_follow(const Node& node, int n_axes) {
    std::vector<Follows> out(node.inputs.size(), Follows::whole);
    std::vector<int> n_mapped(node.inputs.size(), 0);
    for (int axis = 0; axis < n_axes; ++axis) {
      const auto from =
          node.op->source_axes(old_.input_types(node), node.type, node.attributes, axis);
      if (!from) return std::nullopt;
      for (std::size_t i = 0; i < from->size(); ++i) {
        if ((*from)[i] < 0) {
          if (n_mapped[i] > 0) return std::nullopt;  // a later axis lacks: not trailing
          continue;
        }
        if ((*from)[i] != n_mapped[i]) return std::nullopt;
        ++n_mapped[i];
      }
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (n_mapped[i] == n_axes) {
        const auto& r = rows(node.inputs[i]);
        if (!r || r->index.shape.rank() != n_axes) return std::nullopt;
        out[i] = Follows::rows;
      } else if (n_mapped[i] > 0) {
        // Its other axes are those of the output behind the rows.
        const int n_rest = node.type.shape.rank() - n_axes;
        if (old_.shape(node.inputs[i]).rank() != n_mapped[i] + n_rest) return std::nullopt;
        out[i] = Follows::trailing;
      }
    }
    return out;
  }

  // A value without the first row axes, such as W_pos [pos, d]: rows by position alone.
  Rows trailing_rows(NodeId id, const Shape& row_shape, int n_rest) {
    const NodeId value = materialize(id);
    const Shape& shape = g_.shape(value);
    const int n_mapped = shape.rank() - n_rest;
    const std::int64_t n = shape.product(0, n_mapped);
    std::vector<std::int64_t> dims{n};
    for (int i = n_mapped; i < shape.rank(); ++i) dims.push_back(shape[i]);
    Rows r{n_mapped == 1 ? value : reshaped(value, Shape(dims)), TokenTensor(row_shape)};
    for (std::size_t i = 0; i < r.index.data.size(); ++i)
      r.index.data[i] = static_cast<Token>(static_cast<std::int64_t>(i) % n);
    return r;
  }

  std::optional<Rows> of_row_wise(const Node& node) {
    if (is_leaf(node) || !node.op->source_axes || node.type.dtype != DType::f32)
      return std::nullopt;
    const int n_axes = n_row_axes(node);
    if (n_axes == 0 || n_axes > node.type.shape.rank() || (n_axes > 1 && node.op->numbers_axes))
      return std::nullopt;
    const auto follows = how_inputs_follow(node, n_axes);
    if (!follows) return std::nullopt;
    const Shape row_shape = node.type.shape.slice(0, n_axes);

    std::vector<Rows> parts;       // of the inputs that follow the rows
    std::vector<std::size_t> who;  // which inputs those are
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if ((*follows)[i] == Follows::whole) continue;
      who.push_back(i);
      parts.push_back(
          (*follows)[i] == Follows::rows
              ? *rows(node.inputs[i])
              : trailing_rows(node.inputs[i], row_shape, node.type.shape.rank() - n_axes));
    }
    const std::optional<TokenTensor> index = common_index(parts);
    if (!index) return std::nullopt;

    std::vector<NodeId> inputs(node.inputs.size(), no_node);
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
      if ((*follows)[i] == Follows::whole) inputs[i] = materialize(node.inputs[i]);
    for (std::size_t j = 0; j < who.size(); ++j) inputs[who[j]] = parts[j].table;
    const Shape rest = node.type.shape.slice(n_axes, node.type.shape.rank());
    const Shape shape = Shape{g_.shape(parts[0].table)[0]}.concat(rest);
    const Attributes attributes = attributes_for(node, shape);
    return Rows{g_.add(*node.op, std::move(inputs), attributes), *index};
  }

  // Brings the parts to one index: their own where it is the same, else one row per distinct
  // combination. Nothing where that does not pay.
  std::optional<TokenTensor> common_index(std::vector<Rows>& parts) {
    const auto same = [&](const Rows& r) { return r.index == parts[0].index; };
    if (std::all_of(parts.begin(), parts.end(), same)) return parts[0].index;
    TokenTensor index = parts[0].index;
    std::vector<std::size_t> first;  // where each combination stands first
    for (std::size_t j = 1; j < parts.size(); ++j)
      if (!number_pairs(index, parts[j].index, first)) return std::nullopt;
    for (Rows& part : parts) {
      TokenTensor pick(Shape{static_cast<std::int64_t>(first.size())});
      for (std::size_t i = 0; i < first.size(); ++i) pick.data[i] = part.index.data[first[i]];
      part.table = g_.add(ops::gather_rows(), {part.table, g_.constant(std::move(pick))});
    }
    return index;
  }

  // Numbers the pairs of entries of `index` and `other` in the order in which they come, and puts
  // the numbers into `index`. False as soon as there are too many of them.
  static bool number_pairs(TokenTensor& index, const TokenTensor& other,
                           std::vector<std::size_t>& first) {
    PairNumbers numbers(index.data.size());
    first.clear();
    for (std::size_t i = 0; i < index.data.size(); ++i) {
      const Token number = numbers.of(index.data[i], other.data[i]);
      if (static_cast<std::size_t>(number) == first.size()) {
        first.push_back(i);
        if (!pays(std::ssize(first), index)) return false;
      }
      index.data[i] = number;
    }
    return true;
  }

  const Graph& old_;
  Rewrite rewrite_;
  Graph& g_;
  std::vector<std::optional<Rows>> rows_;
};

Graph run(const Graph& old) { return UniqueRows(old).run(); }

}  // namespace

const Pass& passes::unique_rows() {
  static constexpr Pass pass{"unique_rows",
                             "rows that are equal are computed once and gathered later", run};
  return pass;
}

}  // namespace grok
