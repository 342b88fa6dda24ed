#include <vector>

#include <gtest/gtest.h>

#include "grok/base/rng.h"
#include "grok/ops/catalog.h"
#include "grok/plan/gradient.h"
#include "grok/plan/interpret.h"
#include "grok/plan/pass.h"
#include "grok/plan/rewrite.h"

namespace grok {
namespace {

constexpr std::int64_t batch = 6, n_pos = 10, d = 8, d_vocab = 40;

// relu(x W + b) + x, normalised and unembedded, at `n_answers` of all rows, x being a sum over what
// is attended to. Tokens and rows are given anew before each run.
struct Model {
  Graph g;
  NodeId residual = no_node, logits = no_node, answers = no_node;

  explicit Model(std::int64_t n_answers) {
    const NodeId tokens = g.input("tokens", {{batch, n_pos}, DType::i32});
    const NodeId rows = g.input("answer_rows", {{n_answers}, DType::i32});
    const NodeId embed = g.add(ops::gather_rows(), {g.weight("W_E", {d_vocab, d}), tokens});
    const NodeId x = g.add(ops::add(), {embed, g.weight("W_pos", {n_pos, d})});
    const NodeId heads = reshape(x, {batch, n_pos, 2, d / 2});
    const NodeId scores = g.add(ops::attention_scores(), {heads, heads}, {{"scale", 0.5}});
    const NodeId z = g.add(ops::attention_mix(), {g.add(ops::softmax(), {scores}), heads});
    const NodeId mixed = reshape(z, {batch, n_pos, d});
    const NodeId pre = g.add(ops::matmul(), {mixed, g.weight("W_in", {d, d})});
    const NodeId post = g.add(ops::relu(), {g.add(ops::add(), {pre, g.weight("b_in", {d})})});
    residual = g.add(ops::add(), {post, mixed});
    logits = g.add(ops::matmul(), {residual, g.weight("W_U", {d, d_vocab})});
    answers = g.add(ops::gather_rows(), {reshape(logits, {batch * n_pos, d_vocab}), rows});
    g.output("loss", g.add(ops::sum_squares(), {answers}));
  }

  NodeId reshape(NodeId x, const Shape& shape) { return reshaped(g, x, shape); }
};

Graph without_unread_rows(const Graph& g) {
  Graph out = passes::dead_nodes().run(passes::unread_rows().run(g));
  verify(out);
  return out;
}

// The leading axes of what an op gives, wherever it stands.
std::vector<Shape> shapes_of(const Graph& g, const OpDef& op) {
  std::vector<Shape> out;
  for (NodeId id = 0; id < g.size(); ++id)
    if (g[id].op == &op) out.push_back(g.shape(id));
  return out;
}

TEST(UnreadRows, are_not_computed_behind_what_mixes_rows) {
  const Graph g = without_unread_rows(Model(7).g);
  EXPECT_EQ(shapes_of(g, ops::relu()), (std::vector<Shape>{{7, d}}));
  EXPECT_EQ(shapes_of(g, ops::matmul()), (std::vector<Shape>{{7, d}, {7, d_vocab}}));
  EXPECT_EQ(shapes_of(g, ops::attention_mix()), (std::vector<Shape>{{batch, n_pos, 2, d / 2}}));
}

TEST(UnreadRows, are_computed_where_there_are_none_or_somebody_else_reads_them) {
  EXPECT_EQ(shapes_of(without_unread_rows(Model(batch * n_pos).g), ops::relu()),
            (std::vector<Shape>{{batch, n_pos, d}}));
  Model read(7);
  read.g.output("residual", read.residual);
  const Graph g = without_unread_rows(read.g);
  EXPECT_EQ(shapes_of(g, ops::relu()), (std::vector<Shape>{{batch, n_pos, d}}));
  EXPECT_EQ(shapes_of(g, ops::matmul()), (std::vector<Shape>{{batch, n_pos, d}, {7, d_vocab}}));
}

// Two gathers of different rows: what both read stays whole.
TEST(UnreadRows, of_one_reader_may_be_another_s) {
  Model m(7);
  const NodeId others = m.g.input("others", {{5}, DType::i32});
  const NodeId rows = m.reshape(m.logits, {batch * n_pos, d_vocab});
  m.g.output("more", m.g.add(ops::gather_rows(), {rows, others}));
  EXPECT_EQ(shapes_of(without_unread_rows(m.g), ops::matmul()),
            (std::vector<Shape>{{batch, n_pos, d}, {batch, n_pos, d_vocab}}));
}

// Rows in two axes, as an index of two axes gives them: attention cannot have five.
TEST(UnreadRows, end_before_an_op_that_has_no_place_for_the_axes_of_the_index) {
  Model m(7);
  NodeId mix = 0;
  while (m.g[mix].op != &ops::attention_mix()) ++mix;
  const NodeId index = m.g.input("few", {{1, 2}, DType::i32});
  Graph g = m.g;
  g.output("examples", g.add(ops::gather_rows(), {g.add(ops::relu(), {mix}), index}));
  EXPECT_NO_THROW(verify(passes::unread_rows().run(g)));
}

// W_pos leads into the axis of positions, not into that of examples: no row of it is an example's.
TEST(UnreadRows, stop_at_what_has_one_of_two_axes) {
  Model m(7);
  const NodeId table = m.g.weight("late", {n_pos, d_vocab});
  const NodeId sum = m.g.add(ops::add(), {m.logits, table});
  const NodeId rows = m.reshape(m.g.add(ops::relu(), {sum}), {batch * n_pos, d_vocab});
  Graph g = m.g;
  g.output("late_answers", g.add(ops::gather_rows(), {rows, g.find_leaf("answer_rows")}));
  const std::vector<Shape> all = shapes_of(without_unread_rows(g), ops::add());
  EXPECT_EQ(all.back(), (Shape{batch, n_pos, d_vocab}));
}

NamedTensorsOf<double> loss_and_gradients(Graph g, const Bindings& bindings) {
  std::vector<NodeId> weights;
  for (const auto& [name, tensor] : bindings.reals) weights.push_back(g.find_leaf(name));
  const std::vector<NodeId> gradients = gradient(g, g.find_output("loss"), weights);
  for (std::size_t i = 0; i < weights.size(); ++i)
    g.output("grad." + g[weights[i]].name, gradients[i]);
  return interpret(g, bindings);
}

TEST(UnreadRows, change_neither_loss_nor_gradient) {
  const Graph g = Model(7).g;
  Bindings bindings;
  const Rng rng(5, "weights");
  std::uint64_t n = 0;
  for (NodeId id = 0; id < g.size(); ++id) {
    if (g[id].op != &weight_leaf()) continue;
    for (double& x : bindings.reals.add(g[id].name, DoubleTensor(g.shape(id))).data)
      x = rng.normal(n++);
  }
  TokenTensor tokens({batch, n_pos});
  for (std::size_t i = 0; i < tokens.data.size(); ++i)
    tokens.data[i] = static_cast<Token>(i * 7 % d_vocab);
  bindings.tokens.add("tokens", tokens);
  const std::vector<Token> rows{3, 59, 3, 0, 21, 44, 30};
  bindings.tokens.add("answer_rows", TokenTensor({7}, rows));
  const auto expected = loss_and_gradients(g, bindings);
  for (const auto& [name, found] : loss_and_gradients(without_unread_rows(g), bindings)) {
    ASSERT_EQ(found.shape, expected.at(name).shape) << name;
    for (std::size_t i = 0; i < found.data.size(); ++i)
      EXPECT_NEAR(found.data[i], expected.at(name).data[i], 1e-10) << name << ", element " << i;
  }
}

}  // namespace
}  // namespace grok
