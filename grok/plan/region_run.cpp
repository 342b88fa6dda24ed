#include "grok/plan/region_run.h"

#include <algorithm>
#include <array>

#include "grok/base/error.h"
#include "grok/plan/offsets.h"

namespace grok {
RegionRun::RegionRun(const Graph& graph, const MemoryPlan& plan, const RegionMemory& memory,
                     std::byte* arena, int n_threads)
    : memory_(memory), arena_(arena), n_threads_(n_threads) {
  for (NodeId id = memory.region.begin; id < memory.region.end; ++id)
    if (plan.roots[static_cast<std::size_t>(id)] == id)
      instructions_.push_back(instruction(graph, plan, id));
}

RegionRun::Instruction RegionRun::instruction(const Graph& graph, const MemoryPlan& plan,
                                              NodeId id) const {
  const Node& node = graph[id];
  const RowUse use = *row_use(graph, id, memory_.region.n_rows);
  const auto at = static_cast<std::size_t>(id - memory_.region.begin);
  GROK_REQUIRE(node.inputs.size() <= max_inputs, line_of(graph, id));
  Instruction i{.node = &node};
  for (std::size_t j = 0; j < node.inputs.size(); ++j)
    i.inputs.push_back(operand(graph, plan, node.inputs[j], use.is_cut[j]));
  i.is_sum = use.role == RowRole::summed;
  i.output = operand(graph, plan, id, !i.is_sum);
  if (memory_.prepared[at] >= 0) {
    i.prepared = arena_ + memory_.prepared[at];
    i.prepares = std::none_of(instructions_.begin(), instructions_.end(),
                              [&](const auto& other) { return other.prepared == i.prepared; });
  }
  if (i.is_sum) i.partial = arena_ + memory_.partial[at];
  return i;
}

RegionRun::Operand RegionRun::operand(const Graph& graph, const MemoryPlan& plan, NodeId id,
                                      bool is_cut) const {
  const Node& node = graph[id];
  Operand o{.root = plan.roots[static_cast<std::size_t>(id)]};
  o.shape = node.type.shape;
  o.dtype = node.type.dtype;
  if (is_cut) o.row_bytes = node.type.bytes() / memory_.region.n_rows;
  const Region& r = memory_.region;
  if (r.begin <= o.root && o.root < r.end)
    o.local = memory_.local[static_cast<std::size_t>(o.root - r.begin)];
  const std::int64_t offset = plan.offsets[static_cast<std::size_t>(id)];
  if (o.local < 0 && offset >= 0) o.memory = arena_ + offset;
  return o;
}

void RegionRun::bind(NodeId leaf, const void* memory) {
  for (Instruction& i : instructions_)
    for (Operand& o : i.inputs)
      if (o.root == leaf) o.memory = static_cast<const std::byte*>(memory);
}

void RegionRun::run(ThreadPool& pool) noexcept {
  prepare(pool);
  const Region& r = memory_.region;
  const std::int64_t n_workers = std::min<std::int64_t>({pool.n_threads(), n_threads_, r.n_chunks});
  WorkRanges chunks(r.n_chunks, n_workers);
  pool.for_chunks(n_workers, [&](std::int64_t worker) noexcept {
    std::byte* const workspace =
        arena_ + memory_.workspace_offset + worker * memory_.workspace_bytes;
    for (std::int64_t c; (c = chunks.take(worker)) >= 0;) run_chunk(c, workspace);
  });
  for (const Instruction& i : instructions_)
    if (i.is_sum) add_partials(i, pool);
}

void RegionRun::prepare(ThreadPool& pool) const noexcept {
  for (const Instruction& i : instructions_) {
    if (!i.prepares) continue;
    // Inputs that are cut are not there yet; the op looks at their shapes alone.
    std::array<ConstBuffer, max_inputs> inputs;
    for (std::size_t j = 0; j < i.inputs.size(); ++j)
      inputs[j] = {i.inputs[j].memory, i.inputs[j].shape, i.inputs[j].dtype};
    i.node->op->prepare({.attributes = i.node->attributes,
                         .inputs = {inputs.data(), i.inputs.size()},
                         .output = {nullptr, i.output.shape, i.output.dtype},
                         .scratch = {},
                         .pool = pool},
                        i.prepared);
  }
}

void RegionRun::run_chunk(std::int64_t chunk, std::byte* workspace) noexcept {
  const Region& r = memory_.region;
  const std::int64_t begin = r.chunk_begin(chunk), end = r.chunk_begin(chunk + 1);
  for (std::int64_t row = begin; row < end; row += r.block_rows) {
    const Block block{row, std::min(r.block_rows, end - row), chunk, row == begin, workspace};
    for (const Instruction& i : instructions_) run_instruction(i, block);
  }
}

void RegionRun::run_instruction(const Instruction& i, const Block& block) noexcept {
  const auto memory_of = [&](const Operand& o) {
    return o.local >= 0 ? block.workspace + o.local : o.memory + block.row * o.row_bytes;
  };
  const auto shape_of = [&](const Operand& o) {
    return o.row_bytes > 0 ? o.shape.with(0, block.n_rows) : o.shape;
  };
  std::array<ConstBuffer, max_inputs> inputs;
  for (std::size_t j = 0; j < i.inputs.size(); ++j) {
    const Operand& o = i.inputs[j];
    GROK_ASSERT(o.local >= 0 || o.memory != nullptr);
    inputs[j] = {memory_of(o), shape_of(o), o.dtype};
  }
  const std::int64_t sum_bytes =
      whole_lines(i.output.shape.n_elements() * static_cast<std::int64_t>(sizeof(float)));
  std::byte* const out =
      i.is_sum ? i.partial + block.chunk * sum_bytes : const_cast<std::byte*>(memory_of(i.output));
  const auto scratch_bytes =
      static_cast<std::size_t>(memory_.workspace_bytes - memory_.scratch_offset);
  i.node->op->forward({.attributes = i.node->attributes,
                       .inputs = {inputs.data(), i.inputs.size()},
                       .output = {out, shape_of(i.output), i.output.dtype},
                       .scratch = {block.workspace + memory_.scratch_offset, scratch_bytes},
                       .pool = alone_,
                       .prepared = i.prepared,
                       .accumulate = i.is_sum && !block.first_of_chunk});
}

// In the order of the chunks, element by element.
void RegionRun::add_partials(const Instruction& i, ThreadPool& pool) const noexcept {
  const std::int64_t n = i.output.shape.n_elements();
  const std::int64_t apart = whole_lines(n * static_cast<std::int64_t>(sizeof(float))) /
                             static_cast<std::int64_t>(sizeof(float));
  const auto* const partial = reinterpret_cast<const float*>(i.partial);
  auto* const sum = reinterpret_cast<float*>(const_cast<std::byte*>(i.output.memory));
  constexpr std::int64_t strip = 4096;
  pool.for_chunks((n + strip - 1) / strip, [&](std::int64_t s) noexcept {
    const std::int64_t begin = s * strip, end = std::min(n, begin + strip);
    std::copy(partial + begin, partial + end, sum + begin);
    for (std::int64_t c = 1; c < memory_.region.n_chunks; ++c) {
      const float* const part = partial + c * apart;
      for (std::int64_t k = begin; k < end; ++k) sum[k] += part[k];
    }
  });
}

}  // namespace grok
