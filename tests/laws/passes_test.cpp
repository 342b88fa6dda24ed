// Every pass, alone and with the others, leaves loss, gradients and hook points what they were: the
// rewritten graph and the graph as written, both interpreted in double.

#include <set>

#include <gtest/gtest.h>

#include "grok/ops/catalog.h"
#include "grok/plan/gradient.h"
#include "grok/plan/pass.h"
#include "grok/plan/region.h"
#include "grok/terms/term.h"
#include "tests/support/catalog_specs.h"
#include "tests/support/first_bindings.h"
#include "tests/support/graph_check.h"
#include "tests/support/small_spec.h"

namespace grok {
namespace {

RunSpec small_spec_of_squared_error() {
  RunSpec spec = small_spec(7);
  spec.loss = named("squared_error", losses::squared_error().schema(), {}, spec.train);
  return spec;
}

// Terms of given frequencies, which keep nothing between steps: one pass over all pairs, of which
// the loss takes the split's.
RunSpec small_spec_with_terms() {
  RunSpec spec = small_spec(7);
  const auto add = [&](const TermDef& def, Params given) {
    given.set("weight", 0.3);
    spec.terms.set_part(def.name, named(def.name.data(), def.schema(), given, spec.train));
  };
  add(terms::excluded(), {{"frequencies", std::string("all")}});
  add(terms::restricted(), {{"frequencies", Integers{1, 3}}, {"rows", std::string("all")}});
  add(terms::frequency_power(), {{"frequencies", Integers{2}}, {"of", std::string("neurons")}});
  return spec;
}

// Two layers of attention over 85 positions, of which 30 are answers, other ones in each example.
RunSpec small_spec_of_many_positions() {
  for (const CatalogSpec& s : specs_of_all_tasks())
    if (s.name == "repeated_subsequence") return s.spec;
  throw std::logic_error("no such task");
}

std::vector<RunSpec> specs() {
  const Value two = std::int64_t{2};
  return {small_spec(7),
          small_spec(7, {{"n_layers", two}}),
          small_spec(11, {{"n_heads", std::int64_t{1}}, {"d_head", std::int64_t{3}}}),
          small_spec(7, {{"n_layers", two}, {"layer_norm", std::string("pre")}}),
          small_spec(7, {{"n_layers", two}, {"attn_only", true}}),
          small_spec_of_squared_error(),
          small_spec_with_terms(),
          small_spec_of_many_positions()};
}

// Large enough that rows run in blocks, and in several chunks.
RunSpec larger_spec() {
  return small_spec(
      43,
      {{"n_heads", std::int64_t{2}}, {"d_model", std::int64_t{24}}, {"d_mlp", std::int64_t{160}}});
}

TEST(Passes, each_alone_keeps_loss_and_gradients) {
  for (const RunSpec& spec : specs()) {
    const TaskData task = tasks::data_of(spec.task);
    const Bindings weights = first_bindings(spec, task);
    const DoubleTensors expected = interpret(training_graph(spec, task), weights);
    for (const Pass* pass : pass_catalog()) {
      const std::vector<std::string> only{std::string(pass->name)};
      const Graph rewritten = optimized_training_graph(spec, task, only);
      EXPECT_LT(difference(interpret(rewritten, weights), expected), 1e-12) << pass->name;
    }
  }
}

std::string text_of(const Graph& g) {
  std::string out;
  for (NodeId id = 0; id < g.size(); ++id) out += line_of(g, id) + "\n";
  return out;
}

// Else the laws here would say nothing of a pass.
TEST(Passes, each_finds_something_to_do) {
  std::set<std::string_view> idle;
  for (const Pass* pass : pass_catalog()) idle.insert(pass->name);
  const auto run_all = [&](Graph& g) {
    for (const Pass* pass : pass_catalog()) {
      const std::string before = text_of(g);
      g = pass->run(g);
      if (text_of(g) != before) idle.erase(pass->name);
    }
  };
  std::vector<RunSpec> all = specs();
  all.push_back(larger_spec());
  for (const RunSpec& spec : all) {
    Graph g = loss_graph(spec, tasks::data_of(spec.task));
    run_all(g);
    add_weight_gradients(g, g.find_output("loss"));
    run_all(g);
  }
  for (const std::string_view name : idle) ADD_FAILURE() << name;
}

TEST(Passes, all_together_keep_loss_and_gradients) {
  for (const RunSpec& spec : specs()) {
    const TaskData task = tasks::data_of(spec.task);
    const Bindings weights = first_bindings(spec, task);
    const Graph rewritten = optimized_training_graph(spec, task);
    EXPECT_LT(
        difference(interpret(rewritten, weights), interpret(training_graph(spec, task), weights)),
        1e-12);
    EXPECT_LT(cost_of(rewritten).flops, 0.8 * cost_of(training_graph(spec, task)).flops);
  }
}

// In float32, on kernels: a unit whose
// input is within rounding of zero may fall on the other side of the ReLU; here none does.
TEST(Passes, compiled_programs_agree_with_the_graph_as_written) {
  const RunSpec spec = larger_spec();
  const TaskData task = tasks::data_of(spec.task);
  const Weights weights = first_weights(spec, task);
  const DoubleTensors expected = interpret(training_graph(spec, task), in_double(weights));
  const Graph compiled = optimized_training_graph(spec, task);
  EXPECT_FALSE(regions_of(compiled).empty());
  EXPECT_LT(difference_of_whole(run_program(compiled, weights, 2), expected), 1e-5);
  for (const Pass* pass : pass_catalog()) {
    const std::vector<std::string> only{std::string(pass->name)};
    const Graph rewritten = optimized_training_graph(spec, task, only);
    EXPECT_LT(difference_of_whole(run_program(rewritten, weights, 2), expected), 1e-5)
        << pass->name;
  }
}

TEST(Passes, a_large_constant_in_two_shapes_is_held_once) {
  Tensor matrix(Shape{64, 65});
  for (std::size_t i = 0; i < matrix.data.size(); ++i) matrix.data[i] = static_cast<float>(i % 7);
  Tensor other = matrix;
  other.shape = Shape{64, 1, 65};
  Graph g;
  const NodeId x = g.weight("x", Shape{65, 2}), y = g.weight("y", Shape{64, 2});
  g.output("xs", g.add(ops::matmul(), {g.constant(other), x}));
  g.output("ys", g.add(ops::matmul(), {g.constant(matrix), y}, {{"transpose_a", 1}}));
  g.output("again", g.add(ops::matmul(), {g.constant(matrix), y}, {{"transpose_a", 1}}));
  const Graph shared = passes::common_subexpressions().run(g);
  int n_constants = 0;
  for (NodeId id = 0; id < shared.size(); ++id) n_constants += shared[id].constant ? 1 : 0;
  EXPECT_EQ(n_constants, 1);
  EXPECT_EQ(shared.find_output("again"), shared.find_output("ys"));
  Weights weights;  // integers, so that every sum is exact
  weights.add("x", Tensor(Shape{65, 2}));
  weights.add("y", Tensor(Shape{64, 2}));
  for (auto& [name, tensor] : weights)
    for (std::size_t i = 0; i < tensor.data.size(); ++i) tensor.data[i] = static_cast<float>(i % 5);
  const DoubleTensors expected = interpret(g, in_double(weights));
  EXPECT_EQ(difference(interpret(shared, in_double(weights)), expected), 0);
  EXPECT_EQ(difference_of_whole(run_program(shared, weights, 2), expected), 0);
}

// All hook points captured at once: none may change, whatever is rewritten around it.
TEST(Passes, keep_the_meaning_of_every_hook_point) {
  const RunSpec spec =
      small_spec(7, {{"n_layers", std::int64_t{2}}, {"layer_norm", std::string("pre")}});
  const TaskData task = tasks::data_of(spec.task);
  Graph g;
  const NodeId logits =
      models::of(spec.model)
          .build(g, spec.model, model_sizes(task), {.tokens = g.constant(task.tokens)});
  const std::int64_t last = task.n_ctx - 1;
  g.output("answer",
           g.add(ops::slice(), {logits}, {{"axis", 1}, {"begin", last}, {"end", last + 1}}));
  int n_hooks = 0;
  for (NodeId id = 0; id < g.size(); ++id)
    for (const std::string& hook : g[id].hooks) {
      g.output(hook, id);
      ++n_hooks;
    }
  EXPECT_GT(n_hooks, 30);
  const Bindings weights = first_bindings(spec, task);
  EXPECT_LT(difference(interpret(optimize(g), weights), interpret(g, weights)), 1e-12);
  // One at a time, so that the others are free to be rewritten.
  for (const auto& [name, node] : g.outputs()) {
    Graph one = g;
    Graph only;
    std::vector<NodeId> to;
    for (NodeId id = 0; id < one.size(); ++id) {
      std::vector<NodeId> inputs;
      for (const NodeId i : one[id].inputs) inputs.push_back(to[static_cast<std::size_t>(i)]);
      to.push_back(only.add_copy(one[id], std::move(inputs)));
    }
    only.output(name, to[static_cast<std::size_t>(node)]);
    EXPECT_LT(difference(interpret(optimize(only), weights), interpret(only, weights)), 1e-12)
        << name;
  }
}

TEST(Passes, running_them_again_changes_nothing) {
  const RunSpec spec = small_spec();
  const TaskData task = tasks::data_of(spec.task);
  const Graph once = optimized_training_graph(spec, task);
  EXPECT_EQ(cost_of(optimize(once)).flops, cost_of(once).flops);
}

// A batch in which examples occur twice or more: fewer rows are computed, with their weight.
TEST(Passes, equal_examples_are_computed_once) {
  const RunSpec spec = small_spec(7);
  TaskData task = tasks::data_of(spec.task);
  const std::size_t n = task.train.size();
  for (std::size_t i = 0; i < n; i += 2) task.train.push_back(task.train[i]);
  for (std::size_t i = 0; i < n; i += 3) task.train.push_back(task.train[i]);
  const Bindings weights = first_bindings(spec, task);
  const std::vector<std::string> only{"unique_examples"};
  const Graph rewritten = optimized_training_graph(spec, task, only);
  EXPECT_LT(
      difference(interpret(rewritten, weights), interpret(training_graph(spec, task), weights)),
      1e-12);
  std::int64_t rows = 0;
  for (NodeId id = 0; id < rewritten.size(); ++id)
    if (rewritten[id].op == &ops::cross_entropy()) rows = rewritten.shape(id)[0];
  EXPECT_EQ(rows, static_cast<std::int64_t>(n));
}

// Someone who looks at single examples sees them as they were given.
TEST(Passes, examples_that_are_captured_keep_their_places) {
  const RunSpec spec = small_spec(7);
  const TaskData task = tasks::data_of(spec.task);
  Graph g = loss_graph(spec, task);
  for (NodeId id = 0; id < g.size(); ++id)
    if (g[id].op == &ops::cross_entropy()) g.output("losses", id);
  const Bindings weights = first_bindings(spec, task);
  EXPECT_LT(difference(interpret(optimize(g), weights), interpret(g, weights)), 1e-12);
}

struct MixGraph {
  bool is_softmax = true, is_product = true;
  std::int64_t shared_key = 2;  // -1: none
  std::int64_t n_queries = 1;
};

// 3,000 examples that mix rows of a table of nine, two heads, three keys.
Graph mix_graph(const MixGraph& made) {
  Graph g;
  NodeId p = g.weight("scores", {3000, 2, made.n_queries, 3});
  if (made.is_softmax) p = g.add(ops::softmax(), {p});
  NodeId table = g.weight("table", {9, 2, 40});
  if (made.is_product)
    table = g.add(ops::head_matmul(), {g.weight("v", {9, 2, 4}), g.weight("w", {2, 4, 40})});
  TokenTensor index(Shape{3000, 3});
  for (std::size_t i = 0; i < index.data.size(); ++i) {
    const bool is_shared = static_cast<std::int64_t>(i % 3) == made.shared_key;
    index.data[i] = is_shared ? 5 : static_cast<Token>(i * 7 % 9);
  }
  g.output("mix", g.add(ops::mix_rows(), {p, table, g.constant(std::move(index))}));
  return g;
}

std::int64_t keys_of(const Graph& g) {
  for (NodeId id = 0; id < g.size(); ++id)
    if (g[id].op == &ops::mix_rows()) return g.shape(g[id].inputs[0])[3];
  return 0;
}

Bindings waves_for(const Graph& g) {
  Bindings bindings;
  for (NodeId id = 0; id < g.size(); ++id) {
    if (g[id].op != &weight_leaf()) continue;
    DoubleTensor& t = bindings.reals.add(g[id].name, DoubleTensor(g.shape(id)));
    for (std::size_t i = 0; i < t.data.size(); ++i) t.data[i] = std::sin(0.7 * double(i) + id);
  }
  return bindings;
}

TEST(Passes, a_row_that_every_example_attends_to_is_added_once) {
  for (const MixGraph& made : {MixGraph{}, MixGraph{.shared_key = 0}, MixGraph{.n_queries = 2},
                               MixGraph{.is_product = false}}) {
    const Graph g = mix_graph(made);
    const Graph rewritten = passes::shared_keys().run(g);
    EXPECT_EQ(keys_of(rewritten), 2);
    const Bindings weights = waves_for(g);
    EXPECT_LT(difference(interpret(rewritten, weights), interpret(g, weights)), 1e-12);
  }
}

// Weights that do not sum to one, and keys that differ.
TEST(Passes, other_mixes_keep_all_their_keys) {
  for (const MixGraph& made :
       {MixGraph{.is_softmax = false}, MixGraph{.shared_key = -1}, MixGraph{.shared_key = 1}})
    EXPECT_EQ(keys_of(passes::shared_keys().run(mix_graph(made))), 3);
}

// The comparison is shown to catch a wrong rewrite.
TEST(Passes, a_planted_error_is_caught) {
  const RunSpec spec = small_spec();
  const TaskData task = tasks::data_of(spec.task);
  Bindings weights = first_bindings(spec, task);
  const Graph g = training_graph(spec, task);
  const DoubleTensors expected = interpret(g, weights);
  weights.reals.at("embed.W_E").data[0] *= 1.0001;
  EXPECT_GT(difference(interpret(g, weights), expected), 1e-8);
}

}  // namespace
}  // namespace grok
