#include "grok/plan/program.h"

#include <string>

#include "grok/base/error.h"
#include "grok/base/float_environment.h"
#include "grok/ops/catalog.h"

namespace grok {
namespace {

const void* data_of(const Constant& value) {
  return std::visit([](const auto& tensor) { return static_cast<const void*>(tensor.data.data()); },
                    value);
}

}  // namespace

Program::Program(Graph graph, int n_threads) : graph_(std::move(graph)) {
  verify(graph_);
  memory_ = plan_memory(graph_, n_threads);
  arena_.resize(static_cast<std::size_t>(memory_.arena_bytes));
  leaves_.resize(static_cast<std::size_t>(graph_.size()));
  readers_.resize(leaves_.size());
  for (NodeId id = 0; id < graph_.size(); ++id)
    if (graph_[id].constant) leaves_[static_cast<std::size_t>(id)] = data_of(*graph_[id].constant);
  for (NodeId id = 0; id < graph_.size(); ++id) {
    const Node& node = graph_[id];
    if (is_leaf(node) || node.op == &ops::reshape()) continue;
    Instruction instruction{.op = node.op, .attributes = &node.attributes};
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const NodeId input = node.inputs[i];
      const NodeId root = memory_.roots[static_cast<std::size_t>(input)];
      if (is_leaf(graph_[root]))
        readers_[static_cast<std::size_t>(root)].emplace_back(instructions_.size(), i);
      instruction.inputs.push_back(
          {address(input), graph_[input].type.shape, graph_[input].type.dtype});
    }
    std::byte* const out = arena_.data() + memory_.offsets[static_cast<std::size_t>(id)];
    instruction.output = {out, node.type.shape, node.type.dtype};
    instructions_.push_back(std::move(instruction));
  }
}

const void* Program::address(NodeId node) const {
  const NodeId root = memory_.roots[static_cast<std::size_t>(node)];
  if (is_leaf(graph_[root])) return leaves_[static_cast<std::size_t>(root)];
  return arena_.data() + memory_.offsets[static_cast<std::size_t>(root)];
}

void Program::bind(std::string_view leaf, const void* memory, std::size_t n, DType dtype) {
  const NodeId id = graph_.find_leaf(leaf);
  if (id == no_node) return;
  const TensorType& type = graph_[id].type;
  GROK_REQUIRE(type.dtype == dtype && static_cast<std::int64_t>(n) == type.shape.n_elements(),
               std::string(leaf) + " is " + type.to_string() + ", bound to " + std::to_string(n) +
                   " of " + std::string(name_of(dtype)));
  leaves_[static_cast<std::size_t>(id)] = memory;
  for (const auto& [instruction, input] : readers_[static_cast<std::size_t>(id)])
    instructions_[instruction].inputs[input].data = memory;
}

void Program::bind(std::string_view leaf, ConstFloats memory) {
  bind(leaf, memory.data(), memory.size(), DType::f32);
}

void Program::bind(std::string_view leaf, Tokens memory) {
  bind(leaf, memory.data(), memory.size(), DType::i32);
}

void Program::bind(std::string_view leaf, const double& memory) {
  bind(leaf, &memory, 1, DType::f64);
}

void Program::run(ThreadPool& pool) noexcept {
  const FlushDenormals flush;
  const std::span<std::byte> scratch(arena_.data() + memory_.scratch_offset,
                                     static_cast<std::size_t>(memory_.scratch_bytes));
  for (const Instruction& i : instructions_) {
#ifdef GROK_DEBUG
    for (const ConstBuffer& input : i.inputs)
      GROK_ASSERT(input.data != nullptr || input.shape.n_elements() == 0);
#endif
    i.op->forward(OpCall{*i.attributes, i.inputs, i.output, scratch, pool});
  }
}

NodeId Program::output_node(std::string_view name) const {
  const NodeId id = graph_.find_output(name);
  GROK_REQUIRE(id != no_node, "no output named " + std::string(name));
  return id;
}

ConstFloats Program::floats(std::string_view output) const {
  const NodeId id = output_node(output);
  const TensorType& type = graph_[id].type;
  GROK_REQUIRE(type.dtype == DType::f32, type.to_string());
  return {static_cast<const float*>(address(id)),
          static_cast<std::size_t>(type.shape.n_elements())};
}

const Shape& Program::shape(std::string_view output) const {
  return graph_.shape(output_node(output));
}

double Program::real(std::string_view output) const {
  const NodeId id = output_node(output);
  GROK_REQUIRE(graph_[id].type == (TensorType{{}, DType::f64}), graph_[id].type.to_string());
  return *static_cast<const double*>(address(id));
}

}  // namespace grok
