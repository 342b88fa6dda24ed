#include "grok/ops/catalog.h"
#include "grok/plan/pass.h"
#include "grok/plan/rewrite.h"

// A bias, and a ReLU behind it, ride in the matrix product's epilogue while the tile is in cache.
//
//   before   relu(add(matmul(x, W), b))      after   matmul(x, W, b) relu=1
namespace grok {
namespace {

class FusedEpilogues {
 public:
  explicit FusedEpilogues(const Graph& old)
      : old_(old), rewrite_(old), n_readers_(static_cast<std::size_t>(old.size())) {
    for (NodeId id = 0; id < old.size(); ++id)
      for (const NodeId input : old[id].inputs) ++n_readers_[static_cast<std::size_t>(input)];
    for (const auto& [name, id] : old.outputs()) ++n_readers_[static_cast<std::size_t>(id)];
  }

  Graph run() {
    for (NodeId id = 0; id < old_.size(); ++id) {
      if (is_biased_product(id) && !relu_takes(id))
        fuse(id, id, false);
      else if (old_[id].op == &ops::relu() && relu_takes(old_[id].inputs[0]))
        fuse(id, old_[id].inputs[0], true);
      else if (!left_out(id))
        rewrite_.copy(id);
    }
    return std::move(rewrite_).finish();
  }

 private:
  bool has_one_reader(NodeId id) const { return n_readers_[static_cast<std::size_t>(id)] == 1; }

  bool is_biased_product(NodeId id) const {
    const Node& node = old_[id];
    if (node.op != &ops::add() || old_.shape(node.inputs[1]).rank() != 1) return false;
    const Node& product = old_[node.inputs[0]];
    return product.op == &ops::matmul() && product.inputs.size() == 2 &&
           has_one_reader(node.inputs[0]);
  }

  // Whether the one reader of a biased product is a ReLU.
  bool relu_takes(NodeId id) const {
    if (!is_biased_product(id) || !has_one_reader(id)) return false;
    for (NodeId reader = id + 1; reader < old_.size(); ++reader)
      if (old_[reader].op == &ops::relu() && old_[reader].inputs[0] == id) return true;
    return false;
  }

  // The parts that a fused node stands for are not copied by themselves.
  bool left_out(NodeId id) const {
    if (relu_takes(id)) return true;
    if (old_[id].op != &ops::matmul() || !has_one_reader(id)) return false;
    for (NodeId reader = id + 1; reader < old_.size(); ++reader)
      if (is_biased_product(reader) && old_[reader].inputs[0] == id) return true;
    return false;
  }

  void fuse(NodeId id, NodeId biased, bool relu) {
    const Node& product = old_[old_[biased].inputs[0]];
    Attributes attributes = product.attributes;
    if (relu) attributes.set("relu", 1);
    const NodeId fused =
        rewrite_.graph().add(ops::matmul(),
                             {rewrite_(product.inputs[0]), rewrite_(product.inputs[1]),
                              rewrite_(old_[biased].inputs[1])},
                             std::move(attributes));
    rewrite_.graph().take_hooks(fused, old_[id]);
    rewrite_.map(id, fused);
  }

  const Graph& old_;
  Rewrite rewrite_;
  std::vector<int> n_readers_;
};

Graph run(const Graph& old) { return FusedEpilogues(old).run(); }

}  // namespace

const Pass& passes::fused_epilogues() {
  static constexpr Pass pass{"fused_epilogues", "bias and ReLU ride in the matrix product", run};
  return pass;
}

}  // namespace grok
