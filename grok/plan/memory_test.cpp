#include "grok/plan/memory.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "grok/base/tensor.h"
#include "grok/ops/catalog.h"

namespace grok {
namespace {

// x -> relu -> relu -> ..., each of 100 floats, with a long-lived first value.
Graph chain(int length) {
  Graph g;
  const NodeId x = g.weight("x", {100});
  const NodeId first = g.add(ops::relu(), {x});
  NodeId at = first;
  for (int i = 0; i < length; ++i) at = g.add(ops::scale(), {at}, {{"factor", 2.0}});
  g.output("y", g.add(ops::add(), {at, first}));
  return g;
}

struct Span {
  std::int64_t begin, end;
  NodeId born, dies;
};

// What the planner promises, checked the slow way: no two values that live at once overlap.
bool overlaps_in_time_and_space(const Graph& g, const MemoryPlan& plan) {
  std::vector<Span> spans;
  for (NodeId id = 0; id < g.size(); ++id) {
    if (is_leaf(g[id]) || plan.roots[static_cast<std::size_t>(id)] != id) continue;
    NodeId dies = id;
    for (NodeId reader = id; reader < g.size(); ++reader)
      for (const NodeId input : g[reader].inputs)
        if (plan.roots[static_cast<std::size_t>(input)] == id) dies = reader;
    for (const auto& [name, out] : g.outputs())
      if (plan.roots[static_cast<std::size_t>(out)] == id) dies = g.size();
    const std::int64_t begin = plan.offsets[static_cast<std::size_t>(id)];
    spans.push_back({begin, begin + g[id].type.bytes(), id, dies});
  }
  for (const Span& a : spans)
    for (const Span& b : spans)
      if (&a != &b && a.begin < b.end && b.begin < a.end && a.born <= b.dies && b.born <= a.dies)
        return true;
  return false;
}

TEST(Memory, values_that_live_at_once_never_overlap) {
  for (const int length : {0, 1, 2, 7}) {
    const Graph g = chain(length);
    EXPECT_FALSE(overlaps_in_time_and_space(g, plan_memory(g, 1))) << length;
  }
}

TEST(Memory, the_check_catches_an_overlap) {
  const Graph g = chain(3);
  MemoryPlan plan = plan_memory(g, 1);
  std::fill(plan.offsets.begin(), plan.offsets.end(), 0);
  EXPECT_TRUE(overlaps_in_time_and_space(g, plan));
}

TEST(Memory, a_chain_needs_no_more_than_what_lives_at_once) {
  const std::int64_t one = 448;  // 100 floats, rounded up to cache lines
  EXPECT_EQ(plan_memory(chain(50), 1).arena_bytes, 3 * one);
}

TEST(Memory, offsets_are_aligned_and_reshapes_share) {
  Graph g;
  const NodeId x = g.weight("x", {3, 5});
  const NodeId y = g.add(ops::relu(), {x});
  const NodeId z = g.add(ops::reshape(), {y}, {{"shape", std::vector<std::int64_t>{15}}});
  g.output("z", g.add(ops::scale(), {z}, {{"factor", 2.0}}));
  const MemoryPlan plan = plan_memory(g, 1);
  EXPECT_EQ(plan.offsets[static_cast<std::size_t>(z)], plan.offsets[static_cast<std::size_t>(y)]);
  for (const std::int64_t offset : plan.offsets)
    EXPECT_EQ(offset < 0 ? 0 : offset % static_cast<std::int64_t>(alignment), 0);
}

// A matrix that two products read is packed once for both, and anew for one that reads it
// transposed.
TEST(Memory, what_is_prepared_alike_is_shared) {
  Graph g;
  const NodeId b = g.constant(Tensor(Shape{6, 6}));
  const NodeId one = g.add(ops::matmul(), {g.weight("x", {4, 6}), b});
  const NodeId two = g.add(ops::matmul(), {g.weight("y", {4, 6}), b});
  const NodeId across =
      g.add(ops::matmul(), {g.weight("z", {4, 6}), b}, {{"transpose_b", std::int64_t{1}}});
  const NodeId of_weight = g.add(ops::matmul(), {g.weight("u", {4, 6}), g.weight("w", {6, 6})});
  for (const NodeId id : {one, two, across, of_weight}) g.output(std::to_string(id), id);
  const std::vector<std::int64_t> prepared = plan_memory(g, 1).prepared;
  const auto of = [&](NodeId id) { return prepared[static_cast<std::size_t>(id)]; };
  EXPECT_GE(of(one), 0);
  EXPECT_EQ(of(one), of(two));
  EXPECT_NE(of(one), of(across));
  EXPECT_EQ(of(of_weight), -1) << "a weight changes from step to step";
}

}  // namespace
}  // namespace grok
