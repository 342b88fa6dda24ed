// No two things that a step holds at once share a byte: checked the slow way, pair by pair, over
// compiled steps with regions, their partial sums, workspaces and what is prepared.

#include "grok/plan/memory.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "grok/ops/catalog.h"
#include "grok/train/trainer.h"
#include "tests/support/catalog_specs.h"
#include "tests/support/small_spec.h"

namespace grok {
namespace {

constexpr int n_threads = 3;

struct Span {
  std::string what;
  std::int64_t begin = 0, bytes = 0;
  std::int64_t born = 0, dies = 0;  // moments, both included

  bool meets(const Span& other) const {
    return begin < other.begin + other.bytes && other.begin < begin + bytes && born <= other.dies &&
           other.born <= dies;
  }
};

const RegionMemory* region_of(const MemoryPlan& plan, NodeId id) {
  for (const RegionMemory& r : plan.regions)
    if (r.region.begin <= id && id < r.region.end) return &r;
  return nullptr;
}

// The last node that reads a value, itself where there is none, past the end if it is an output.
NodeId last_reader(const Graph& g, const MemoryPlan& plan, NodeId root) {
  const auto is_it = [&](NodeId id) { return plan.roots[static_cast<std::size_t>(id)] == root; };
  for (const auto& [name, id] : g.outputs())
    if (is_it(id)) return g.size();
  NodeId out = root;
  for (NodeId id = root; id < g.size(); ++id)
    if (std::ranges::any_of(g[id].inputs, is_it)) out = id;
  return out;
}

// Everything in the arena. For those outside, a region is one moment, from its first node to its
// last.
std::vector<Span> in_the_arena(const Graph& g, const MemoryPlan& plan) {
  std::vector<Span> out;
  for (NodeId id = 0; id < g.size(); ++id) {
    const auto i = static_cast<std::size_t>(id);
    const std::string what = line_of(g, id);
    if (plan.prepared[i] >= 0)
      out.push_back({"prepared of " + what, plan.prepared[i],
                     g[id].op->prepared_bytes(g.input_types(g[id]), g[id].type, g[id].attributes),
                     0, g.size()});
    if (is_leaf(g[id]) || plan.roots[i] != id || plan.offsets[i] < 0) continue;
    const RegionMemory* const born_in = region_of(plan, id);
    const NodeId last = last_reader(g, plan, id);
    const RegionMemory* const dies_in = last < g.size() ? region_of(plan, last) : nullptr;
    out.push_back({what, plan.offsets[i], g[id].type.bytes(), born_in ? born_in->region.begin : id,
                   dies_in ? dies_in->region.end - 1 : last});
  }
  for (const RegionMemory& m : plan.regions) {
    const std::int64_t born = m.region.begin, dies = m.region.end - 1;
    out.push_back({"workspaces", m.workspace_offset, n_threads * m.workspace_bytes, born, dies});
    for (NodeId id = m.region.begin; id < m.region.end; ++id) {
      const auto i = static_cast<std::size_t>(id - m.region.begin);
      const Node& node = g[id];
      if (m.partial[i] >= 0)
        out.push_back({"partial sums of " + line_of(g, id), m.partial[i],
                       m.region.n_chunks * node.type.bytes(), born, dies});
      if (m.prepared[i] >= 0)
        out.push_back({"prepared of " + line_of(g, id), m.prepared[i],
                       node.op->prepared_bytes(g.input_types(node), node.type, node.attributes),
                       born, dies});
    }
  }
  out.push_back({"scratch", plan.scratch_offset, plan.scratch_bytes, 0, g.size()});
  return out;
}

// What one block of a region holds in its thread's workspace.
std::vector<Span> in_a_workspace(const Graph& g, const MemoryPlan& plan, const RegionMemory& m) {
  std::vector<Span> out;
  for (NodeId id = m.region.begin; id < m.region.end; ++id) {
    const std::int64_t at = m.local[static_cast<std::size_t>(id - m.region.begin)];
    if (at < 0) continue;
    out.push_back({line_of(g, id), at, g[id].type.bytes() / m.region.n_rows * m.region.block_rows,
                   id, last_reader(g, plan, id)});
  }
  out.push_back({"scratch", m.scratch_offset, m.workspace_bytes - m.scratch_offset, m.region.begin,
                 m.region.end - 1});
  return out;
}

// The first two that meet, or that reach beyond what holds them; empty if there are none. What
// nodes prepare alike they share.
std::string clash_in(const std::vector<Span>& spans, std::int64_t bytes) {
  for (const Span& a : spans) {
    if (a.begin < 0 || a.begin + a.bytes > bytes) return a.what + " reaches beyond the end";
    for (const Span& b : spans) {
      const bool is_shared = a.begin == b.begin && a.bytes == b.bytes &&
                             a.what.starts_with("prepared") && b.what.starts_with("prepared");
      if (&a != &b && !is_shared && a.meets(b)) return a.what + " and " + b.what;
    }
  }
  return "";
}

std::string clash_in(const Graph& g, const MemoryPlan& plan) {
  if (std::string clash = clash_in(in_the_arena(g, plan), plan.arena_bytes); !clash.empty())
    return clash;
  for (const RegionMemory& m : plan.regions)
    if (std::string clash = clash_in(in_a_workspace(g, plan, m), m.workspace_bytes); !clash.empty())
      return clash;
  return "";
}

RunSpec spec_with_regions() {
  return small_spec(
      43,
      {{"n_heads", std::int64_t{2}}, {"d_model", std::int64_t{24}}, {"d_mlp", std::int64_t{160}}});
}

TEST(MemoryPlans, hold_nothing_twice) {
  std::vector<CatalogSpec> all = catalog_specs();
  all.push_back({"with regions", spec_with_regions()});
  std::size_t n_regions = 0;
  for (const CatalogSpec& s : all) {
    const Graph g = optimized_training_graph(s.spec, tasks::data_of(s.spec.task));
    const MemoryPlan plan = plan_memory(g, n_threads);
    EXPECT_EQ(clash_in(g, plan), "") << s.name;
    n_regions += plan.regions.size();
  }
  EXPECT_GE(n_regions, 1u);
}

// Each of a region's parts, moved to where something else stands.
TEST(MemoryPlans, that_hold_something_twice_are_caught) {
  const RunSpec spec = spec_with_regions();
  const Graph g = optimized_training_graph(spec, tasks::data_of(spec.task));
  const MemoryPlan sound = plan_memory(g, n_threads);
  ASSERT_FALSE(sound.regions.empty());
  const auto expect_caught = [&](const char* what, auto&& spoil) {
    MemoryPlan plan = sound;
    spoil(plan.regions[0]);
    EXPECT_NE(clash_in(g, plan), "") << what;
  };
  const auto first_of = [](std::vector<std::int64_t>& offsets) {
    return std::ranges::find_if(offsets, [](std::int64_t at) { return at >= 0; });
  };
  expect_caught("workspaces", [&](RegionMemory& m) { m.workspace_offset += 64; });
  expect_caught("partial sums",
                [&](RegionMemory& m) { *first_of(m.partial) = m.workspace_offset; });
  expect_caught("prepared", [&](RegionMemory& m) { *first_of(m.prepared) = m.workspace_offset; });
  expect_caught("local values", [&](RegionMemory& m) { *first_of(m.local) = m.scratch_offset; });
}

}  // namespace
}  // namespace grok
