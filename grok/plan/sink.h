#pragma once
// Parts that are taken of a value sink towards the inputs: take(f(x)) becomes f(take(x)), op by op,
// as long as nobody reads the whole.

#include <optional>
#include <utility>
#include <vector>

#include "grok/plan/rewrite.h"

namespace grok {

/// What the readers of a value ask of it: nothing yet, one and the same part, or all.
template <class Part>
struct Demand {
  bool all = false;
  std::optional<Part> part;

  bool is_none() const { return !all && !part; }
  void ask_all() { all = true; }
  void ask(const Part& p) {
    if (part && !(*part == p)) all = true;
    part = p;
  }
};

/// `Rules` says what a part is and how far it sinks:
///
///   std::optional<Part> taken_by(const Node&)     what the node takes of its input 0, if it does
///   no
///                                                 more than that
///   std::optional<std::vector<std::optional<Part>>> asked_by(const Node&, const Part&)
///                                                 what this part of the node asks of each input: a
///                                                 part, or all of it; nothing where it stops
///   NodeId take(Rewrite&, NodeId whole, const Part&)    adds what takes it; `whole` is an old node
///   Shape shape_of(const Shape& whole, const Part&)
template <class Part, class Rules>
class Sink {
 public:
  Sink(const Graph& old, Rules rules)
      : old_(old),
        rules_(std::move(rules)),
        rewrite_(old),
        demands_(static_cast<std::size_t>(old.size())) {}

  Graph run() {
    for (const auto& [name, id] : old_.outputs()) demand(id).ask_all();
    for (NodeId id = old_.size() - 1; id >= 0; --id)
      if (!demand(id).is_none()) ask_inputs(id);
    for (NodeId id = 0; id < old_.size(); ++id)
      if (!demand(id).is_none() && !rewrite_.has(id)) emit(id);
    return std::move(rewrite_).finish();
  }

 private:
  Demand<Part>& demand(NodeId id) { return demands_[static_cast<std::size_t>(id)]; }

  void ask_inputs(NodeId id) {
    const Node& node = old_[id];
    Demand<Part>& d = demand(id);
    std::vector<std::optional<Part>> asked(node.inputs.size());
    if (d.all) {
      if (const auto part = rules_.taken_by(node)) asked[0] = part;
    } else if (const auto parts = rules_.asked_by(node, *d.part)) {
      asked = *parts;
    } else {
      d.ask_all();
    }
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (asked[i])
        demand(node.inputs[i]).ask(*asked[i]);
      else
        demand(node.inputs[i]).ask_all();
    }
  }

  // The part of an old value, whichever form it was emitted in.
  NodeId part_of(NodeId id, const Part& part) {
    if (!demand(id).all) return rewrite_(id);  // emitted in just this form
    return rules_.take(rewrite_, id, part);
  }

  void emit(NodeId id) {
    const Node& node = old_[id];
    if (!demand(id).all) {
      emit_part(id, *demand(id).part);
    } else if (const auto part = rules_.taken_by(node)) {
      const NodeId taken = part_of(node.inputs[0], *part);
      rewrite_.graph().take_hooks(taken, node);
      rewrite_.map(id, taken);
    } else {
      rewrite_.copy(id);
    }
  }

  void emit_part(NodeId id, const Part& part) {
    const Node& node = old_[id];
    const auto asked = rules_.asked_by(node, part);
    std::vector<NodeId> inputs;
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
      inputs.push_back((*asked)[i] ? part_of(node.inputs[i], *(*asked)[i])
                                   : rewrite_(node.inputs[i]));
    const Shape shape = rules_.shape_of(node.type.shape, part);
    const Attributes attributes = attributes_for(node, shape);
    rewrite_.map(id, rewrite_.graph().add(*node.op, std::move(inputs), attributes));
  }

  const Graph& old_;
  Rules rules_;
  Rewrite rewrite_;
  std::vector<Demand<Part>> demands_;
};

}  // namespace grok
