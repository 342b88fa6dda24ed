#include "grok/graph/graph.h"

#include <set>

#include "grok/base/error.h"

namespace grok {
namespace {

TensorType type_of(const Constant& value) {
  if (const auto* t = std::get_if<Tensor>(&value)) return {t->shape, DType::f32};
  if (const auto* t = std::get_if<DoubleTensor>(&value)) return {t->shape, DType::f64};
  return {std::get<TokenTensor>(value).shape, DType::i32};
}

}  // namespace

const OpDef& weight_leaf() {
  static constexpr OpDef def{
      .name = "weight", .meaning = "learnt", .min_inputs = 0, .max_inputs = 0};
  return def;
}

const OpDef& input_leaf() {
  static constexpr OpDef def{
      .name = "input", .meaning = "given before each run", .min_inputs = 0, .max_inputs = 0};
  return def;
}

const OpDef& constant_leaf() {
  static constexpr OpDef def{
      .name = "constant", .meaning = "known at compile time", .min_inputs = 0, .max_inputs = 0};
  return def;
}

bool is_leaf(const Node& node) { return node.op->max_inputs == 0; }

std::size_t Graph::index(NodeId node) const {
  GROK_REQUIRE(node >= 0 && node < size(),
               "node " + std::to_string(node) + " of " + std::to_string(size()));
  return static_cast<std::size_t>(node);
}

NodeId Graph::append(Node node) {
  nodes_.push_back(std::move(node));
  return size() - 1;
}

NodeId Graph::weight(std::string name, const Shape& shape) {
  GROK_REQUIRE(find_leaf(name) == no_node, "two leaves named " + name);
  Node node{.op = &weight_leaf()};
  node.type = {shape, DType::f32};
  node.name = std::move(name);
  return append(std::move(node));
}

NodeId Graph::input(std::string name, const TensorType& type) {
  GROK_REQUIRE(find_leaf(name) == no_node, "two leaves named " + name);
  Node node{.op = &input_leaf()};
  node.type = type;
  node.name = std::move(name);
  return append(std::move(node));
}

namespace {
Node constant_node(Constant value) {
  Node node{.op = &constant_leaf()};
  node.type = type_of(value);
  node.constant = std::make_shared<const Constant>(std::move(value));
  return node;
}
}  // namespace

NodeId Graph::constant(Tensor value) { return append(constant_node(std::move(value))); }
NodeId Graph::constant(TokenTensor value) { return append(constant_node(std::move(value))); }
NodeId Graph::constant(Constant value) { return append(constant_node(std::move(value))); }
NodeId Graph::constant(double value) {
  DoubleTensor scalar;
  scalar.data[0] = value;
  return append(constant_node(std::move(scalar)));
}

NodeId Graph::add(const OpDef& op, std::vector<NodeId> inputs, Attributes attributes) {
  const int n = static_cast<int>(inputs.size());
  GROK_REQUIRE(op.min_inputs <= n && n <= op.max_inputs,
               std::string(op.name) + " given " + std::to_string(n) + " inputs");
  Node node{.op = &op};
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  node.type = op.infer(input_types(node), node.attributes);
  return append(std::move(node));
}

NodeId Graph::add_copy(const Node& node, std::vector<NodeId> inputs) {
  if (is_leaf(node)) return append(node);
  const NodeId copy = add(*node.op, std::move(inputs), node.attributes);
  take_hooks(copy, node);
  nodes_[index(copy)].region = node.region;
  return copy;
}

NodeId Graph::hook(NodeId node, std::string name) {
  GROK_REQUIRE(find_hook(name) == no_node, "two hook points named " + name);
  nodes_[index(node)].hooks.push_back(std::move(name));
  return node;
}

void Graph::take_hooks(NodeId node, const Node& from) {
  auto& hooks = nodes_[index(node)].hooks;
  hooks.insert(hooks.end(), from.hooks.begin(), from.hooks.end());
}

void Graph::put_into_region(NodeId node, int region) { nodes_[index(node)].region = region; }

void Graph::output(std::string name, NodeId node) {
  GROK_REQUIRE(find_output(name) == no_node, "two outputs named " + name);
  static_cast<void>(index(node));
  outputs_.emplace_back(std::move(name), node);
}

NodeId Graph::find_output(std::string_view name) const {
  for (const auto& [key, node] : outputs_)
    if (key == name) return node;
  return no_node;
}

NodeId Graph::find_leaf(std::string_view name) const {
  for (NodeId i = 0; i < size(); ++i)
    if ((*this)[i].name == name) return i;
  return no_node;
}

NodeId Graph::find_hook(std::string_view name) const {
  for (NodeId i = 0; i < size(); ++i)
    for (const std::string& hook : (*this)[i].hooks)
      if (hook == name) return i;
  return no_node;
}

std::vector<TensorType> Graph::input_types(const Node& node) const {
  std::vector<TensorType> types;
  types.reserve(node.inputs.size());
  for (const NodeId i : node.inputs) types.push_back((*this)[i].type);
  return types;
}

const TokenTensor* constant_tokens(const Graph& graph, NodeId node) {
  const auto& value = graph[node].constant;
  return value ? std::get_if<TokenTensor>(value.get()) : nullptr;
}

void verify(const Graph& graph) {
  std::set<std::string> names;
  std::set<std::string> hooks;
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    const std::string where =
        "node " + std::to_string(id) + " (" + std::string(node.op->name) + ")";
    for (const NodeId input : node.inputs)
      GROK_REQUIRE(0 <= input && input < id, where + " reads node " + std::to_string(input));
    for (const std::string& hook : node.hooks)
      GROK_REQUIRE(hooks.insert(hook).second, "hook twice: " + hook);
    if (!node.name.empty())
      GROK_REQUIRE(names.insert(node.name).second, "leaf twice: " + node.name);
    if (is_leaf(node)) {
      GROK_REQUIRE((node.op == &constant_leaf()) == (node.constant != nullptr), where);
      continue;
    }
    const TensorType expected = node.op->infer(graph.input_types(node), node.attributes);
    GROK_REQUIRE(expected == node.type, where + " is " + node.type.to_string() +
                                            ", its rule says " + expected.to_string());
  }
  for (const auto& [name, node] : graph.outputs())
    GROK_REQUIRE(0 <= node && node < graph.size(), "output " + name + " is not there");
}

std::string line_of(const Graph& graph, NodeId id) {
  const Node& node = graph[id];
  std::string out = node.region ? "| " : "";
  out += "%" + std::to_string(id) + " = " + std::string(node.op->name);
  if (!node.name.empty()) out += " " + node.name;
  if (!node.inputs.empty()) {
    out += "(";
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
      out += (i ? ", %" : "%") + std::to_string(node.inputs[i]);
    out += ")";
  }
  const std::string attributes = node.attributes.to_string();
  if (!attributes.empty()) out += " " + attributes;
  out += " : " + node.type.to_string();
  for (const std::string& hook : node.hooks) out += "  # " + hook;
  return out;
}

}  // namespace grok
