#pragma once
// A graph laid out in memory and ready to run: no allocation, no lock, no throw in a run.
//
//   Program program(optimize(graph), pool.n_threads());
//   program.bind("embed.W_E", weights.at("embed.W_E").span());
//   program.run(pool);
//   program.real("loss");

#include <memory>
#include <string_view>
#include <vector>

#include "grok/graph/graph.h"
#include "grok/plan/memory.h"
#include "grok/plan/region_run.h"

namespace grok {

/// Bits are promised for equal specs and equal plan version: a change to a pass, a kernel or the
/// order of a sum that alters them raises this number.
inline constexpr int plan_version = 8;

class Program {
 public:
  /// Plans memory, for pools of at most `n_threads`, and takes one arena.
  ///   throws  ContractBroken if the graph is not valid; Error{usage} if the arena is larger than
  ///           the machine's memory
  Program(Graph graph, int n_threads);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  const Graph& graph() const { return graph_; }
  std::int64_t arena_bytes() const { return memory_.arena_bytes; }

  /// Lends the memory of a weight or an input. It must outlive every run, and may change between
  /// runs. Does nothing if the graph has no such leaf (a pass may have found it dead).
  ///   throws  ContractBroken if the size or type disagrees
  void bind(std::string_view leaf, ConstFloats memory);
  void bind(std::string_view leaf, Tokens memory);
  void bind(std::string_view leaf, Doubles memory);

  /// Computes all outputs. Every leaf must be bound (checked in debug builds). The caller's thread
  /// flushes denormals during the run.
  void run(ThreadPool& pool) noexcept;

  bool has_output(std::string_view name) const { return graph_.find_output(name) != no_node; }
  /// An output of the last run; valid until the next.
  ConstFloats floats(std::string_view output) const;
  Doubles doubles(std::string_view output) const;
  const Shape& shape(std::string_view output) const;
  /// A scalar of float64.
  double real(std::string_view output) const;

 private:
  struct Instruction {
    const OpDef* op = nullptr;
    const Attributes* attributes = nullptr;
    std::vector<ConstBuffer> inputs;
    Buffer output;
    std::byte* prepared = nullptr;  // what OpDef::prepare has made of a constant
    int region = -1;                // or a whole region: its number among `regions_`
  };

  NodeId output_node(std::string_view name) const;
  void bind(std::string_view leaf, const void* memory, std::size_t n, DType dtype);
  Instruction instruction(NodeId id);
  void prepare_constants();
  const void* address(NodeId node) const;
  template <class T>
  std::span<const T> values(std::string_view output, DType dtype) const;

  Graph graph_;
  MemoryPlan memory_;
  struct FreeArena {
    void operator()(std::byte* memory) const {
      AlignedAllocator<std::byte>().deallocate(memory, 0);
    }
  };
  std::unique_ptr<std::byte[], FreeArena> arena_;  // not cleared: every op writes all of its output
  std::vector<const void*> leaves_;                // memory of each leaf, null until bound
  std::vector<std::unique_ptr<RegionRun>> regions_;
  std::vector<Instruction> instructions_;
  std::vector<std::vector<std::pair<std::size_t, std::size_t>>> readers_;  // of each leaf
};

}  // namespace grok
