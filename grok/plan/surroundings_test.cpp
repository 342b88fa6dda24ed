#include "grok/plan/surroundings.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "grok/ops/catalog.h"

namespace grok {
namespace {

bool leads_back(const OpDef& op) { return &op == &ops::add() || &op == &ops::gather_rows(); }

std::vector<std::string> ops_of(const Graph& g) {
  std::vector<std::string> out;
  for (NodeId id = 0; id < g.size(); ++id)
    if (!is_leaf(g[id])) out.emplace_back(g[id].op->name);
  return out;
}

std::vector<std::string> inputs_of(const Graph& g) {
  std::vector<std::string> out;
  for (NodeId id = 0; id < g.size(); ++id)
    if (g[id].op == &input_leaf()) out.push_back(g[id].name);
  return out;
}

// hidden = relu((T[index] + silu(x V)) W + b), and V reads the sum once more; two products and what
// follows lie beyond.
struct Example {
  Graph g;
  NodeId x = g.weight("x", {9, 4});
  NodeId table = g.weight("T", {5, 6});
  NodeId V = g.weight("V", {4, 6});
  NodeId W = g.weight("W", {6, 7});
  NodeId b = g.weight("b", {7});
  NodeId index = g.constant(TokenTensor(Shape{9}));
  NodeId far = g.add(ops::matmul(), {x, V});
  NodeId smooth = g.add(ops::silu(), {far});
  NodeId row = g.add(ops::gather_rows(), {table, index});
  NodeId sum = g.add(ops::add(), {row, smooth});
  NodeId beside = g.add(ops::matmul(), {sum, V}, {{"transpose_b", 1}});
  NodeId product = g.add(ops::matmul(), {sum, W});
  NodeId biased = g.add(ops::add(), {product, b});
  NodeId hidden = g.add(ops::relu(), {biased});
  NodeId beyond = g.add(ops::matmul(), {hidden, W}, {{"transpose_b", 1}});
  Example() {
    g.output("beside", beside);
    g.output("beyond", beyond);
  }
};

TEST(Surroundings, hold_what_a_product_is_made_of_what_reads_that_and_what_it_may_take_along) {
  const Example e;
  const Surroundings around = surroundings_of(e.g, e.product, leads_back);
  verify(around.graph);
  EXPECT_EQ(ops_of(around.graph), (std::vector<std::string>{"silu", "gather_rows", "add", "matmul",
                                                            "matmul", "add", "relu", "matmul"}));
  EXPECT_EQ(around.graph[around.product].type, e.g[e.product].type);
  EXPECT_EQ(around.graph[around.product].attributes, Attributes{});
  // The product under the SiLU is not among them: its value is given.
  EXPECT_EQ(inputs_of(around.graph), (std::vector<std::string>{"%" + std::to_string(e.far)}));
  // What others read must still be computed.
  std::vector<std::string> outputs;
  for (const auto& [name, id] : around.graph.outputs()) outputs.push_back(name);
  EXPECT_EQ(outputs,
            (std::vector<std::string>{std::to_string(e.beside), std::to_string(e.beyond)}));
}

TEST(Surroundings, end_at_a_product_that_several_read) {
  Example e;
  const NodeId other = e.g.add(ops::relu(), {e.product});
  e.g.output("other", other);
  const Surroundings around = surroundings_of(e.g, e.product, leads_back);
  EXPECT_EQ(ops_of(around.graph),
            (std::vector<std::string>{"silu", "gather_rows", "add", "matmul", "matmul"}));
  EXPECT_NE(around.graph.find_output(std::to_string(e.product)), no_node);
}

}  // namespace
}  // namespace grok
