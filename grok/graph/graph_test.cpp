#include "grok/graph/graph.h"

#include <gtest/gtest.h>

#include "grok/base/error.h"

namespace grok {
namespace {

const OpDef& twin() {  // any shape to the same shape
  static constexpr OpDef def{
      .name = "twin",
      .infer = [](std::span<const TensorType> in, const Attributes&) { return in[0]; }};
  return def;
}

TEST(Graph, infers_types_and_finds_what_has_a_name) {
  Graph g;
  const NodeId w = g.weight("W_E", {3, 4});
  const NodeId y = g.hook(g.add(twin(), {w}, {{"axis", 1}}), "hook_embed");
  g.output("y", y);
  EXPECT_EQ(g.shape(y), Shape({3, 4}));
  EXPECT_EQ(g.find_leaf("W_E"), w);
  EXPECT_EQ(g.find_hook("hook_embed"), y);
  EXPECT_EQ(g.find_output("z"), no_node);
  EXPECT_EQ(line_of(g, y), "%1 = twin(%0) axis=1 : f32[3, 4]  # hook_embed");
  verify(g);
}

TEST(Graph, refuses_two_of_one_name_and_unknown_nodes) {
  Graph g;
  const NodeId w = g.weight("W", {1});
  EXPECT_THROW(g.weight("W", {1}), ContractBroken);
  EXPECT_THROW(g.add(twin(), {w, w}), ContractBroken);
  EXPECT_THROW(g.add(twin(), {NodeId{7}}), ContractBroken);
  g.hook(w, "h");
  EXPECT_THROW(g.hook(w, "h"), ContractBroken);
}

TEST(Attributes, read_back_what_was_set_and_nothing_else) {
  const Attributes a{{"scale", 0.5}, {"axes", std::vector<std::int64_t>{2, 0}}, {"axis", 1}};
  EXPECT_EQ(a.real("scale"), 0.5);
  EXPECT_EQ(a.integer("axis"), 1);
  EXPECT_EQ(a.integer_or("begin", 7), 7);
  EXPECT_EQ(a.to_string(), "axes=[2,0] axis=1 scale=0.5");
  EXPECT_THROW(a.real("axis"), ContractBroken);
  EXPECT_THROW(a.integer("nothing"), ContractBroken);
}

}  // namespace
}  // namespace grok
