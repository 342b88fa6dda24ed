#pragma once
// Runs a region: threads take chunks of rows, and run all its nodes on one block after another.

#include <cstddef>
#include <vector>

#include "grok/graph/graph.h"
#include "grok/plan/memory.h"

namespace grok {

class RegionRun {
 public:
  /// A region of a graph in a program's arena, both of which must outlive it, for pools of at most
  /// `n_threads`.
  RegionRun(const Graph& graph, const MemoryPlan& plan, const RegionMemory& memory,
            std::byte* arena, int n_threads);

  /// Tells where a leaf's memory is; every leaf that the region reads must be told before a run.
  void bind(NodeId leaf, const void* memory);
  /// Computes all nodes of the region. Allocates nothing.
  void run(ThreadPool& pool) noexcept;

 private:
  /// A value, whole or cut into blocks of rows.
  struct Operand {
    NodeId root = no_node;              // the node whose memory it is
    const std::byte* memory = nullptr;  // of the whole value; null where it is local
    std::int64_t local = -1;            // offset in a thread's workspace
    std::int64_t row_bytes = 0;         // 0 where it is used whole
    Shape shape;                        // of the whole value
    DType dtype = DType::f32;
  };
  struct Instruction {
    const Node* node = nullptr;
    std::vector<Operand> inputs;
    Operand output;
    std::byte* prepared = nullptr;
    bool prepares = false;  // the first of those that share it
    bool is_sum = false;
    std::byte* partial = nullptr;  // of a sum: n_chunks partial sums, whole cache lines apart
  };
  /// One block of rows, and who computes it.
  struct Block {
    std::int64_t row = 0, n_rows = 0, chunk = 0;
    bool first_of_chunk = false;
    std::byte* workspace = nullptr;
  };
  static constexpr std::size_t max_inputs = 8;

  Instruction instruction(const Graph& graph, const MemoryPlan& plan, NodeId id) const;
  Operand operand(const Graph& graph, const MemoryPlan& plan, NodeId id, bool is_cut) const;
  void prepare(ThreadPool& pool) const noexcept;
  void run_chunk(std::int64_t chunk, std::byte* workspace) noexcept;
  void run_instruction(const Instruction& i, const Block& block) noexcept;
  void add_partials(const Instruction& i, ThreadPool& pool) const noexcept;

  const RegionMemory& memory_;
  std::byte* arena_;
  int n_threads_;
  std::vector<Instruction> instructions_;
  ThreadPool alone_{1};  // in which a block's ops run: the thread that has taken it
};

}  // namespace grok
