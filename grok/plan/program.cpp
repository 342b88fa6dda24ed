#include "grok/plan/program.h"

#include <cstring>
#include <string>
#include <unistd.h>

#include "grok/base/error.h"
#include "grok/base/float_environment.h"
#include "grok/ops/catalog.h"

namespace grok {
namespace {

const void* data_of(const Constant& value) {
  return std::visit([](const auto& tensor) { return static_cast<const void*>(tensor.data.data()); },
                    value);
}

// Asked for more, the system may promise it and then end the program.
void require_memory(std::int64_t bytes) {
  const double has =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  if (static_cast<double>(bytes) <= has) return;
  const auto millions = [](double x) { return std::to_string(static_cast<long long>(x / 1e6)); };
  throw Error(ErrorCode::usage, "the intermediate values of a step take " +
                                    millions(static_cast<double>(bytes)) +
                                    " million bytes, and this machine has " + millions(has) +
                                    " million. Choose a smaller batch (train.batch) or model");
}

}  // namespace

Program::Program(Graph graph, int n_threads) : graph_(std::move(graph)) {
  verify(graph_);
  memory_ = plan_memory(graph_, n_threads);
  require_memory(memory_.arena_bytes);
  arena_.reset(
      AlignedAllocator<std::byte>().allocate(static_cast<std::size_t>(memory_.arena_bytes)));
#ifndef NDEBUG
  // NaN: what is read before it is written shows.
  std::memset(arena_.get(), 0xff, static_cast<std::size_t>(memory_.arena_bytes));
#endif
  leaves_.resize(static_cast<std::size_t>(graph_.size()));
  readers_.resize(leaves_.size());
  for (NodeId id = 0; id < graph_.size(); ++id)
    if (graph_[id].constant) leaves_[static_cast<std::size_t>(id)] = data_of(*graph_[id].constant);
  regions_.reserve(memory_.regions.size());
  for (NodeId id = 0; id < graph_.size(); ++id) {
    const Node& node = graph_[id];
    if (node.region != 0) {
      const RegionMemory& memory = memory_.regions[regions_.size()];
      regions_.push_back(
          std::make_unique<RegionRun>(graph_, memory_, memory, arena_.get(), n_threads));
      instructions_.push_back({.region = static_cast<int>(regions_.size()) - 1});
      id = memory.region.end - 1;
    } else if (!is_leaf(node) && node.op != &ops::reshape()) {
      instructions_.push_back(instruction(id));
    }
  }
  for (NodeId id = 0; id < graph_.size(); ++id)
    if (graph_[id].constant)
      for (const auto& r : regions_) r->bind(id, leaves_[static_cast<std::size_t>(id)]);
  prepare_constants();
}

void Program::prepare_constants() {
  ThreadPool alone(1);
  for (const Instruction& i : instructions_)
    if (i.prepared) i.op->prepare({*i.attributes, i.inputs, i.output, {}, alone}, i.prepared);
}

Program::Instruction Program::instruction(NodeId id) {
  const Node& node = graph_[id];
  Instruction out{.op = node.op, .attributes = &node.attributes};
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const NodeId input = node.inputs[i];
    const NodeId root = memory_.roots[static_cast<std::size_t>(input)];
    if (is_leaf(graph_[root]))
      readers_[static_cast<std::size_t>(root)].emplace_back(instructions_.size(), i);
    out.inputs.push_back({address(input), graph_[input].type.shape, graph_[input].type.dtype});
  }
  std::byte* const memory = arena_.get() + memory_.offsets[static_cast<std::size_t>(id)];
  out.output = {memory, node.type.shape, node.type.dtype};
  const std::int64_t prepared = memory_.prepared[static_cast<std::size_t>(id)];
  if (prepared >= 0) out.prepared = arena_.get() + prepared;
  return out;
}

const void* Program::address(NodeId node) const {
  const NodeId root = memory_.roots[static_cast<std::size_t>(node)];
  if (is_leaf(graph_[root])) return leaves_[static_cast<std::size_t>(root)];
  return arena_.get() + memory_.offsets[static_cast<std::size_t>(root)];
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
  for (const auto& r : regions_) r->bind(id, memory);
}

void Program::bind(std::string_view leaf, ConstFloats memory) {
  bind(leaf, memory.data(), memory.size(), DType::f32);
}

void Program::bind(std::string_view leaf, Tokens memory) {
  bind(leaf, memory.data(), memory.size(), DType::i32);
}

void Program::bind(std::string_view leaf, Doubles memory) {
  bind(leaf, memory.data(), memory.size(), DType::f64);
}

void Program::run(ThreadPool& pool) noexcept {
  const FlushDenormals flush;
  const std::span<std::byte> scratch(arena_.get() + memory_.scratch_offset,
                                     static_cast<std::size_t>(memory_.scratch_bytes));
  for (const Instruction& i : instructions_) {
    if (i.region >= 0) {
      regions_[static_cast<std::size_t>(i.region)]->run(pool);
      continue;
    }
#ifdef GROK_DEBUG
    for (const ConstBuffer& input : i.inputs)
      GROK_ASSERT(input.data != nullptr || input.shape.n_elements() == 0);
#endif
    i.op->forward(OpCall{*i.attributes, i.inputs, i.output, scratch, pool, i.prepared});
  }
}

NodeId Program::output_node(std::string_view name) const {
  const NodeId id = graph_.find_output(name);
  GROK_REQUIRE(id != no_node, "no output named " + std::string(name));
  return id;
}

template <class T>
std::span<const T> Program::values(std::string_view output, DType dtype) const {
  const NodeId id = output_node(output);
  const TensorType& type = graph_[id].type;
  GROK_REQUIRE(type.dtype == dtype, type.to_string());
  return {static_cast<const T*>(address(id)), static_cast<std::size_t>(type.shape.n_elements())};
}

ConstFloats Program::floats(std::string_view output) const {
  return values<float>(output, DType::f32);
}

Doubles Program::doubles(std::string_view output) const {
  return values<double>(output, DType::f64);
}

const Shape& Program::shape(std::string_view output) const {
  return graph_.shape(output_node(output));
}

double Program::real(std::string_view output) const {
  const Doubles value = doubles(output);
  GROK_REQUIRE(value.size() == 1, shape(output).to_string());
  return value[0];
}

}  // namespace grok
