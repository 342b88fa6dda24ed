#include <optional>

#include "grok/base/error.h"
#include "grok/ops/catalog.h"
#include "grok/plan/pass.h"
#include "grok/plan/rewrite.h"

// A position that nothing reads is not computed: slices sink towards the inputs. Modular addition
// reads the last position only, so queries, attention and MLP are computed for one position of
// three.
//
//   before   logits = matmul(x, W);  loss reads slice(logits)
//   after    logits = matmul(slice(x), W)
namespace grok {
namespace {

struct Cut {
  int axis = 0;
  std::int64_t begin = 0, end = 0;
  friend bool operator==(const Cut&, const Cut&) = default;
};

Cut cut_of(const Node& slice) {
  return {static_cast<int>(slice.attributes.integer("axis")), slice.attributes.integer("begin"),
          slice.attributes.integer("end")};
}

// What the readers of a node ask of it: nothing yet, one and the same cut, or all.
struct Demand {
  bool all = false;
  std::optional<Cut> cut;

  void ask_all() { all = true; }
  void ask(const Cut& c) {
    if (cut && !(*cut == c)) all = true;
    cut = c;
  }
};

std::optional<std::vector<int>> sources(const Graph& graph, const Node& node, int axis) {
  if (!node.op->source_axes) return std::nullopt;
  return node.op->source_axes(graph.input_types(node), node.type, node.attributes, axis);
}

class DeadPositions {
 public:
  explicit DeadPositions(const Graph& old)
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
      if (!d.all && !d.cut) continue;  // nothing reads it
      if (node.op == &ops::slice() && d.all) {
        demand(node.inputs[0]).ask(cut_of(node));
        continue;
      }
      std::optional<std::vector<int>> axes;
      if (!d.all && !is_leaf(node)) axes = sources(old_, node, d.cut->axis);
      if (!axes) d.ask_all();
      for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        if (axes && (*axes)[i] >= 0)
          demand(node.inputs[i]).ask({(*axes)[i], d.cut->begin, d.cut->end});
        else
          demand(node.inputs[i]).ask_all();
      }
    }
  }

  // The new node for `id` cut as asked, whichever form it was emitted in.
  NodeId cut_input(NodeId id, const Cut& cut) {
    if (!demand(id).all) return rewrite_(id);  // emitted in just this form
    return rewrite_.graph().add(ops::slice(), {rewrite_(id)},
                                {{"axis", cut.axis}, {"begin", cut.begin}, {"end", cut.end}});
  }

  void emit(NodeId id) {
    const Node& node = old_[id];
    const Demand& d = demand(id);
    if (!d.all && !d.cut) return;
    if (node.op == &ops::slice() && d.all) {
      rewrite_.map(id, cut_input(node.inputs[0], cut_of(node)));
      return;
    }
    if (d.all) {
      rewrite_.copy(id);
      return;
    }
    const auto axes = sources(old_, node, d.cut->axis);
    std::vector<NodeId> inputs;
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
      inputs.push_back((*axes)[i] < 0
                           ? rewrite_(node.inputs[i])
                           : cut_input(node.inputs[i], {(*axes)[i], d.cut->begin, d.cut->end}));
    const Shape shape = node.type.shape.with(d.cut->axis, d.cut->end - d.cut->begin);
    const Attributes attributes =
        node.op->resized ? node.op->resized(node.attributes, shape) : node.attributes;
    rewrite_.map(id, rewrite_.graph().add(*node.op, std::move(inputs), attributes));
  }

  const Graph& old_;
  Rewrite rewrite_;
  std::vector<Demand> demands_;
};

Graph run(const Graph& old) { return DeadPositions(old).run(); }

}  // namespace

const Pass& passes::dead_positions() {
  static constexpr Pass pass{"dead_positions", "a position that nothing reads is not computed",
                             run};
  return pass;
}

}  // namespace grok
