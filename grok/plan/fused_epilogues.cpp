#include <map>
#include <vector>

#include "grok/ops/catalog.h"
#include "grok/plan/pass.h"
#include "grok/plan/rewrite.h"

// What follows a product element by element rides in its epilogue, while its numbers are in
// registers: a bias, another summand, a ReLU, and backward the ReLU's gradient.
//
//   before   relu(add(matmul(x, W), b))         after   matmul(x, W, b) relu=1
//   before   add(matmul(x, W), y)               after   matmul(x, W, y)
//   before   relu_grad(h, matmul(g, W^T))       after   matmul(g, W, h) gate=1
//
// Only where the product has no other reader.
namespace grok {
namespace {

bool is_product(const Node& node) {
  return node.op == &ops::matmul() || node.op == &ops::mix_rows();
}

class FusedEpilogues {
 public:
  explicit FusedEpilogues(const Graph& old)
      : old_(old), rewrite_(old), n_readers_(static_cast<std::size_t>(old.size())) {
    for (NodeId id = 0; id < old.size(); ++id)
      for (const NodeId input : old[id].inputs) ++n_readers_[static_cast<std::size_t>(input)];
    for (const auto& [name, id] : old.outputs()) ++n_readers_[static_cast<std::size_t>(id)];
  }

  Graph run() {
    // A product is held back until its reader turns out not to be something that it can take along.
    for (NodeId id = 0; id < old_.size(); ++id) {
      if (is_product(old_[id]))
        held_[id] = old_[id];
      else if (!takes_along(id))
        copy(id);
      if (n_readers_[static_cast<std::size_t>(id)] != 1) emit(id);
    }
    for (NodeId id = 0; id < old_.size(); ++id) emit(id);
    return std::move(rewrite_).finish();
  }

 private:
  bool is_held(NodeId id) const { return held_.contains(id); }

  // Makes `id` the product that its input was, with one thing more in the epilogue.
  bool takes_along(NodeId id) {
    const Node& node = old_[id];
    if (node.op == &ops::relu()) return add_relu(id, node.inputs[0]);
    if (node.op == &ops::relu_grad()) return add_gate(id, node.inputs[1], node.inputs[0]);
    if (node.op != &ops::add()) return false;
    return add_summand(id, node.inputs[0], node.inputs[1]) ||
           add_summand(id, node.inputs[1], node.inputs[0]);
  }

  bool add_relu(NodeId id, NodeId product) {
    if (!is_held(product)) return false;
    Node fused = held_[product];
    if (!has_bias(fused) || fused.attributes.integer_or("relu", 0)) return false;
    fused.attributes.set("relu", 1);
    return hold(id, product, std::move(fused));
  }

  bool add_summand(NodeId id, NodeId product, NodeId summand) {
    if (!is_held(product) || old_[product].type != old_[id].type || product == summand)
      return false;
    Node fused = held_[product];
    if (fused.attributes.integer_or("relu", 0)) return false;
    const bool is_bias = old_.shape(summand).rank() == 1;
    const bool is_like = old_[summand].type == old_[id].type;
    if (is_bias ? has_bias(fused) : !is_like || fused.op != &ops::matmul() || has_addend(fused))
      return false;
    // The bias stands before the addend.
    const auto n_own = static_cast<std::ptrdiff_t>(fused.op->min_inputs);
    if (is_bias)
      fused.inputs.insert(fused.inputs.begin() + n_own, summand);
    else
      fused.inputs.push_back(summand);
    return hold(id, product, std::move(fused));
  }

  bool add_gate(NodeId id, NodeId product, NodeId gate) {
    if (!is_held(product) || product == gate) return false;
    Node fused = held_[product];
    if (fused.op != &ops::matmul() || fused.inputs.size() != 2) return false;
    fused.inputs.push_back(gate);
    fused.attributes.set("gate", 1);
    return hold(id, product, std::move(fused));
  }

  bool hold(NodeId id, NodeId product, Node fused) {
    held_.erase(product);
    held_[id] = std::move(fused);
    return true;
  }

  bool has_bias(const Node& product) const {
    const auto n = static_cast<std::size_t>(product.op->min_inputs);
    return product.inputs.size() > n && old_.shape(product.inputs[n]).rank() == 1;
  }
  bool has_addend(const Node& product) const {
    const auto n = static_cast<std::size_t>(product.op->min_inputs);
    return product.inputs.size() > n && old_.shape(product.inputs.back()).rank() > 1;
  }

  void emit(NodeId id) {
    if (!is_held(id)) return;
    const Node fused = std::move(held_[id]);
    held_.erase(id);
    std::vector<NodeId> inputs;
    for (const NodeId input : fused.inputs) {
      emit(input);
      inputs.push_back(rewrite_(input));
    }
    const NodeId product = rewrite_.graph().add(*fused.op, std::move(inputs), fused.attributes);
    rewrite_.graph().take_hooks(product, old_[id]);
    rewrite_.map(id, product);
  }

  void copy(NodeId id) {
    for (const NodeId input : old_[id].inputs) emit(input);
    rewrite_.copy(id);
  }

  const Graph& old_;
  Rewrite rewrite_;
  std::vector<int> n_readers_;
  std::map<NodeId, Node>
      held_;  // products not emitted yet, under the id whose value they have become
};

Graph run(const Graph& old) { return FusedEpilogues(old).run(); }

}  // namespace

const Pass& passes::fused_epilogues() {
  static constexpr Pass pass{"fused_epilogues",
                             "biases, sums and ReLUs ride in the product before them", run};
  return pass;
}

}  // namespace grok
