#pragma once
// What is to be computed: nodes in the order in which they may run, each with an op, inputs that
// come before it, a type, and perhaps a hook point's name (docs/step_program.md).

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "grok/base/tensor.h"
#include "grok/graph/op.h"

namespace grok {

using Constant = std::variant<Tensor, DoubleTensor, TokenTensor>;

struct Node {
  const OpDef* op = nullptr;
  std::vector<NodeId> inputs{};
  Attributes attributes{};
  TensorType type{};
  std::string name{};  // of a weight or an input; empty for the rest
  /// TransformerLens's names of this value, e.g. blocks.0.attn.hook_pattern; one layer's
  /// hook_resid_post is the next one's hook_resid_pre, so there may be two.
  std::vector<std::string> hooks{};
  std::shared_ptr<const Constant> constant{};  // only of a constant
  /// 0, or the number of the region whose nodes run together, block of rows by block of rows; they
  /// stand one after another (plan/blocked_rows.cpp).
  int region = 0;
};

/// The three leaves. They stand here, not in ops/, because a graph is made of them.
const OpDef& weight_leaf();
const OpDef& input_leaf();
const OpDef& constant_leaf();
bool is_leaf(const Node& node);

class Graph {
 public:
  /// Something learnt, of float32. Throws ContractBroken if the name is taken.
  NodeId weight(std::string name, const Shape& shape);
  /// Something given anew before each run: the tokens of a batch.
  NodeId input(std::string name, const TensorType& type);
  /// Something known when the program is compiled: the whole training split.
  NodeId constant(Tensor value);
  NodeId constant(TokenTensor value);
  NodeId constant(double value);
  NodeId constant(Constant value);

  /// Adds a node; its type follows from the op's shape rule, which throws ContractBroken.
  NodeId add(const OpDef& op, std::vector<NodeId> inputs, Attributes attributes = {});
  /// Adds a node of another graph, with `inputs` of this one. Keeps its hooks' names.
  NodeId add_copy(const Node& node, std::vector<NodeId> inputs);

  /// Names a node as a hook point. Throws ContractBroken if the name is taken.
  NodeId hook(NodeId node, std::string name);
  /// All hook points of a node of another graph, for a node that holds the same value. That no name
  /// is there twice is left to `verify`.
  void take_hooks(NodeId node, const Node& from);
  /// Puts a node into a region.
  void put_into_region(NodeId node, int region);
  /// Makes a node's value readable after a run. Throws ContractBroken if the name is taken.
  void output(std::string name, NodeId node);

  /// Valid until the graph is gone or moved from.
  const Node& operator[](NodeId node) const { return nodes_[index(node)]; }
  const Shape& shape(NodeId node) const { return (*this)[node].type.shape; }
  NodeId size() const { return static_cast<NodeId>(nodes_.size()); }
  const std::vector<std::pair<std::string, NodeId>>& outputs() const { return outputs_; }
  /// no_node where there is no output, weight, input or hook point of that name.
  NodeId find_output(std::string_view name) const;
  NodeId find_leaf(std::string_view name) const;
  NodeId find_hook(std::string_view name) const;
  std::vector<TensorType> input_types(const Node& node) const;

 private:
  std::size_t index(NodeId node) const;
  NodeId append(Node node);

  std::deque<Node> nodes_;  // which stay where they are while others are added
  std::vector<std::pair<std::string, NodeId>> outputs_;
};

/// The tokens of a constant; null where the node is anything else.
const TokenTensor* constant_tokens(const Graph& graph, NodeId node);

/// Throws ContractBroken unless every input comes before its node, every type is what the op's rule
/// says, names are unique, and outputs exist. Called after every pass.
void verify(const Graph& graph);

/// Node `id` on one line: "%12 = matmul(%3, %7) transpose_b=1 : f32[3830, 512]  # hook_pre".
std::string line_of(const Graph& graph, NodeId id);

}  // namespace grok
