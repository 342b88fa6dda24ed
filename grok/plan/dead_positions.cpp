#include <optional>

#include "grok/ops/catalog.h"
#include "grok/plan/pass.h"
#include "grok/plan/sink.h"

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

struct Positions {
  const Graph& old;

  std::optional<Cut> taken_by(const Node& node) const {
    if (node.op != &ops::slice()) return std::nullopt;
    return Cut{static_cast<int>(node.attributes.integer("axis")), node.attributes.integer("begin"),
               node.attributes.integer("end")};
  }

  std::optional<std::vector<std::optional<Cut>>> asked_by(const Node& node, const Cut& cut) const {
    if (is_leaf(node) || !node.op->source_axes) return std::nullopt;
    const auto axes =
        node.op->source_axes(old.input_types(node), node.type, node.attributes, cut.axis);
    if (!axes) return std::nullopt;
    std::vector<std::optional<Cut>> out;
    for (const int axis : *axes)
      out.push_back(axis < 0 ? std::nullopt : std::optional(Cut{axis, cut.begin, cut.end}));
    return out;
  }

  NodeId take(Rewrite& rewrite, NodeId whole, const Cut& cut) const {
    return rewrite.graph().add(ops::slice(), {rewrite(whole)},
                               {{"axis", cut.axis}, {"begin", cut.begin}, {"end", cut.end}});
  }

  Shape shape_of(const Shape& whole, const Cut& cut) const {
    return whole.with(cut.axis, cut.end - cut.begin);
  }
};

Graph run(const Graph& old) { return Sink<Cut, Positions>(old, Positions{old}).run(); }

}  // namespace

const Pass& passes::dead_positions() {
  static constexpr Pass pass{"dead_positions", "a position that nothing reads is not computed",
                             run};
  return pass;
}

}  // namespace grok
