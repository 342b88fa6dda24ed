#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "grok/base/rng.h"
#include "grok/ops/catalog.h"
#include "grok/plan/gradient.h"
#include "grok/plan/pass.h"
#include "grok/plan/program.h"
#include "grok/plan/region.h"

namespace grok {
namespace {

constexpr std::int64_t many = 40, n_pos = 33, n_heads = 2, d_head = 16;
constexpr std::int64_t d_model = n_heads * d_head;

// Attention of `n_queries` last positions under a mask; `hides` says what it takes off.
struct Model {
  std::int64_t batch;
  Graph g;
  NodeId table = g.weight("table", {50, d_model});
  NodeId masked = no_node, pattern = no_node;

  explicit Model(std::int64_t n_queries, float hides = -1e10f, std::int64_t n_examples = many)
      : batch(n_examples) {
    const NodeId tokens = g.input("tokens", {{batch, n_pos}, DType::i32});
    const NodeId x = split(g.add(ops::gather_rows(), {table, tokens}));
    const NodeId q =
        g.add(ops::slice(), {x}, {{"axis", 1}, {"begin", n_pos - n_queries}, {"end", n_pos}});
    Tensor mask({n_queries, n_pos});
    for (std::int64_t i = 0; i < n_queries; ++i)
      for (std::int64_t j = n_pos - n_queries + i + 1; j < n_pos; ++j)
        mask.data[static_cast<std::size_t>(i * n_pos + j)] = hides;
    const NodeId scores = g.add(ops::attention_scores(), {q, x}, {{"scale", 0.25}});
    masked = g.add(ops::add(), {scores, g.constant(std::move(mask))});
    pattern = g.add(ops::softmax(), {masked});
    const NodeId z = g.add(ops::attention_mix(), {pattern, x});
    const NodeId squares = g.add(ops::sum_squares(), {z});
    g.output("loss", squares);
  }
  NodeId split(NodeId x) {
    return g.add(ops::reshape(), {x},
                 {{"shape", std::vector<std::int64_t>{batch, n_pos, n_heads, d_head}}});
  }
};

std::vector<std::int64_t> visible_of(const Graph& g, const OpDef& op) {
  std::vector<std::int64_t> out;
  for (NodeId id = 0; id < g.size(); ++id)
    if (g[id].op == &op) out.push_back(g[id].attributes.integer_or("visible", 0));
  return out;
}

TEST(HiddenKeys, are_left_out_of_scores_pattern_and_mix) {
  for (const std::int64_t n_queries : {n_pos, std::int64_t{7}}) {
    const Graph g = passes::dead_nodes().run(passes::hidden_keys().run(Model(n_queries).g));
    verify(g);
    const std::vector<std::int64_t> visible{n_pos - n_queries + 1};
    for (const OpDef* op : {&ops::attention_scores(), &ops::softmax(), &ops::attention_mix()})
      EXPECT_EQ(visible_of(g, *op), visible) << op->name;
    EXPECT_EQ(visible_of(g, ops::add()), std::vector<std::int64_t>{}) << "the mask is gone";
  }
}

TEST(HiddenKeys, stay_where_masked_scores_are_read_or_the_mask_hides_little) {
  Model read(n_pos);
  read.g.output("scores", read.masked);
  EXPECT_EQ(visible_of(passes::hidden_keys().run(read.g), ops::softmax()),
            std::vector<std::int64_t>{0});
  EXPECT_EQ(visible_of(passes::hidden_keys().run(Model(n_pos, -3).g), ops::softmax()),
            std::vector<std::int64_t>{0});
}

Graph as_it_stands(const Graph& g) { return g; }

// Forward, and the gradient that is taken of what the pass has made.
std::vector<float> gradient_of(const Graph& forward, int n_threads = 2,
                               Graph (*arrange)(const Graph&) = as_it_stands) {
  Graph g = forward;
  const NodeId table = g.find_leaf("table");
  const std::vector<NodeId> gradients = gradient(g, g.find_output("loss"), {table});
  g.output("gradient", gradients[0]);
  Program program(arrange(g), n_threads);
  Tensor values({50, d_model});
  const Rng rng(3, "table");
  for (std::size_t i = 0; i < values.data.size(); ++i)
    values.data[i] = static_cast<float>(rng.normal(i));
  TokenTensor tokens(forward.shape(forward.find_leaf("tokens")));
  for (std::size_t i = 0; i < tokens.data.size(); ++i)
    tokens.data[i] = static_cast<Token>(i * 7 % 50);
  program.bind("table", values.span());
  program.bind("tokens", tokens.span());
  ThreadPool pool(n_threads);
  program.run(pool);
  const ConstFloats out = program.floats("gradient");
  return {out.begin(), out.end()};
}

TEST(HiddenKeys, change_no_bit_of_a_gradient) {
  for (const std::int64_t n_queries : {n_pos, std::int64_t{7}}) {
    const Graph g = Model(n_queries).g;
    EXPECT_EQ(gradient_of(passes::hidden_keys().run(g)), gradient_of(g));
  }
}

// Examples are the rows of attention: scores and pattern of some of them at a time.
TEST(BlockedRows, attention_runs_example_by_example) {
  const Graph g = passes::blocked_rows().run(Model(n_pos).g);
  const std::vector<Region> regions = regions_of(g);
  ASSERT_EQ(regions.size(), 1u);
  EXPECT_EQ(regions[0].n_rows, many);
  for (NodeId id = 0; id < g.size(); ++id)
    if (g[id].op == &ops::attention_scores()) {
      EXPECT_EQ(g[id].region, 1);
    }
}

// Few examples of many positions, and not a multiple of anything.
TEST(BlockedRows, of_examples_give_what_their_nodes_give_one_after_another) {
  for (const std::int64_t n_examples : {32, 33, 40, 63, 100}) {
    const Graph g = Model(n_pos, -1e10f, n_examples).g;
    const std::vector<float> whole = gradient_of(g);
    const std::vector<float> blocked = gradient_of(g, 1, passes::blocked_rows().run);
    EXPECT_EQ(gradient_of(g, 3, passes::blocked_rows().run), blocked) << n_examples;
    double squares = 0, errors = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) {
      squares += whole[i] * whole[i];
      errors += (whole[i] - blocked[i]) * (whole[i] - blocked[i]);
    }
    EXPECT_LT(errors, 1e-12 * squares) << n_examples;
  }
}

// As many rows as there are examples make no example.
TEST(BlockedRows, a_table_of_the_weights_is_no_row_of_data) {
  Model m(n_pos);
  const NodeId other = m.g.weight("other", {many, 3000});
  const NodeId doubled = m.g.add(ops::relu(), {m.g.add(ops::relu(), {other})});
  m.g.output("doubled", doubled);
  const Graph g = passes::blocked_rows().run(m.g);
  for (NodeId id = 0; id < g.size(); ++id)
    if (g[id].op == &ops::relu()) {
      EXPECT_EQ(g[id].region, 0);
    }
  EXPECT_EQ(regions_of(g).size(), 1u);
}

}  // namespace
}  // namespace grok
