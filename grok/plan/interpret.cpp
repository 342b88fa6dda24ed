#include "grok/plan/interpret.h"

#include "grok/base/error.h"
#include "grok/ops/catalog.h"

namespace grok {
namespace {

template <class To, class From>
TensorOf<To> converted(const TensorOf<From>& from) {
  TensorOf<To> to(from.shape);
  for (std::size_t i = 0; i < from.data.size(); ++i) to.data[i] = static_cast<To>(from.data[i]);
  return to;
}

class Interpreter {
 public:
  Interpreter(const Graph& graph, const Bindings& bindings) : graph_(graph), bindings_(bindings) {
    reals_.resize(static_cast<std::size_t>(graph.size()));
    tokens_.resize(reals_.size());
  }

  void evaluate(NodeId id) {
    const Node& node = graph_[id];
    const auto i = static_cast<std::size_t>(id);
    if (node.constant) {
      load(*node.constant, i);
    } else if (is_leaf(node) && node.type.dtype == DType::i32) {
      tokens_[i] = bindings_.tokens.at(node.name);
      GROK_REQUIRE(tokens_[i].shape == node.type.shape, node.name);
    } else if (is_leaf(node)) {
      reals_[i] = bindings_.reals.at(node.name);
      GROK_REQUIRE(reals_[i].shape == node.type.shape, node.name);
    } else if (node.type.dtype == DType::i32) {
      move_tokens(node, i);
    } else {
      run(node, i);
    }
  }

  const DoubleTensor& real(NodeId id) const { return reals_[static_cast<std::size_t>(id)]; }

 private:
  void load(const Constant& value, std::size_t i) {
    if (const auto* t = std::get_if<Tensor>(&value)) reals_[i] = converted<double>(*t);
    if (const auto* t = std::get_if<DoubleTensor>(&value)) reals_[i] = *t;
    if (const auto* t = std::get_if<TokenTensor>(&value)) tokens_[i] = *t;
  }

  void run(const Node& node, std::size_t i) {
    reals_[i] = DoubleTensor(node.type.shape);
    call(node, reals_[i]);
  }

  // Tokens are small integers, exact in double: ops that only move numbers move them as doubles.
  void move_tokens(const Node& node, std::size_t i) {
    const auto from = static_cast<std::size_t>(node.inputs[0]);
    reals_[from] = converted<double>(tokens_[from]);
    DoubleTensor out(node.type.shape);
    call(node, out);
    tokens_[i] = converted<Token>(out);
  }

  void call(const Node& node, DoubleTensor& out) {
    ReferenceCall c{node.attributes, {}, {}, out};
    for (const NodeId input : node.inputs) {
      const auto at = static_cast<std::size_t>(input);
      const bool is_real = graph_[input].type.dtype != DType::i32 || node.type.dtype == DType::i32;
      c.reals.push_back(is_real ? &reals_[at] : nullptr);
      c.tokens.push_back(graph_[input].type.dtype == DType::i32 ? &tokens_[at] : nullptr);
    }
    node.op->reference(c);
  }

  const Graph& graph_;
  const Bindings& bindings_;
  std::vector<DoubleTensor> reals_;
  std::vector<TokenTensor> tokens_;
};

}  // namespace

NamedTensorsOf<double> interpret(const Graph& graph, const Bindings& bindings) {
  Interpreter interpreter(graph, bindings);
  for (NodeId id = 0; id < graph.size(); ++id) interpreter.evaluate(id);
  NamedTensorsOf<double> out;
  for (const auto& [name, id] : graph.outputs()) out.add(name, interpreter.real(id));
  return out;
}

}  // namespace grok
