#include "grok/probes/capture_examples.h"

#include <algorithm>

#include "grok/base/error.h"
#include "grok/base/python_random.h"
#include "grok/base/rng.h"
#include "grok/models/answers.h"
#include "grok/ops/catalog.h"
#include "grok/plan/gradient.h"
#include "grok/plan/memory.h"
#include "grok/plan/pass.h"

namespace grok {
namespace {

constexpr int largest_listed_p = 251;  // 63 MB

NodeId hook_node(const Graph& g, const Params& model, const std::string& hook) {
  const NodeId node = g.find_hook(hook);
  if (node == no_node)
    throw Error(ErrorCode::usage, "the model " + model.text("name") + " has no hook point " + hook);
  return node;
}

NodeId build(Graph& g, const Params& model, const TaskData& task, TokenTensor tokens) {
  return models::of(model).build(g, model, model_sizes(task),
                                 {.tokens = g.constant(std::move(tokens))});
}

// The last position of a hook point's value, without the position's axis.
NodeId at_last_position(Graph& g, NodeId node, std::string_view hook) {
  const bool by_query = hook.ends_with("hook_pattern") || hook.ends_with("hook_attn_scores");
  const int axis = by_query ? 2 : 1;  // [batch, head, query, key], else [batch, pos, ...]
  const Shape shape = g.shape(node);
  const std::int64_t last = shape[axis] - 1;
  const NodeId cut =
      g.add(ops::slice(), {node}, {{"axis", axis}, {"begin", last}, {"end", last + 1}});
  std::vector<std::int64_t> dims;
  for (int i = 0; i < shape.rank(); ++i)
    if (i != axis) dims.push_back(shape[i]);
  return g.add(ops::reshape(), {cut}, {{"shape", dims}});
}

// Examples are few here: to look for equal rows would cost more than the rows.
Graph tidied(const Graph& g) {
  const std::vector<std::string> passes{"common_subexpressions", "dead_nodes", "fused_epilogues"};
  return optimize(g, passes);
}

Graph answer_graph(const Params& model, const TaskData& task, std::span<const std::string> hooks) {
  Graph g;
  const NodeId logits = build(g, model, task, task.tokens);
  NodeId rows = no_node;
  if (task.has_positions())
    rows = g.constant(answer_rows({task.tokens, task.labels, task.positions}));
  g.output("logits", answer_logits(g, task, logits, rows));
  for (const std::string& hook : hooks)
    if (g.find_output(hook) == no_node)
      g.output(hook, at_last_position(g, hook_node(g, model, hook), hook));
  return optimize(g);
}

Graph whole_graph(const Params& model, const TaskData& task, std::span<const std::string> hooks,
                  TokenTensor tokens) {
  Graph g;
  build(g, model, task, std::move(tokens));
  for (const std::string& hook : hooks) g.output(hook, hook_node(g, model, hook));
  return tidied(g);
}

// How many of at most `most` examples fit, by what one of them takes.
std::int64_t n_that_fit(const Params& model, const TaskData& task,
                        std::span<const std::string> hooks, std::int64_t most) {
  const Graph one = whole_graph(model, task, hooks, TokenTensor({1, task.n_ctx}));
  const std::int64_t bytes = std::max<std::int64_t>(plan_memory(one, 1).arena_bytes, 1);
  return std::clamp<std::int64_t>(capture_bytes / bytes, 1, most);
}

Graph gradient_graph(const Params& model, const TaskData& task,
                     std::span<const std::string> hooks) {
  const int p = *task.modulus;
  const std::vector<Triple> triples = gradient_triples(p);
  std::vector<std::int32_t> rows;
  Tensor chosen({static_cast<std::int64_t>(triples.size()), task.d_vocab_out});
  for (std::size_t i = 0; i < triples.size(); ++i) {
    const auto [a, b, c] = triples[i];
    rows.push_back(a * p + b);
    chosen.data[i * static_cast<std::size_t>(task.d_vocab_out) + static_cast<std::size_t>(c)] = 1;
  }
  Graph g;
  const NodeId logits =
      answer_logits(g, task, build(g, model, task, rows_of(task.tokens, rows)), no_node);
  std::vector<NodeId> nodes;
  for (const std::string& hook : hooks) nodes.push_back(hook_node(g, model, hook));
  const std::vector<NodeId> found = pulled_back(g, logits, g.constant(std::move(chosen)), nodes);
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    GROK_REQUIRE(found[i] != no_node, "no logit depends on " + hooks[i]);
    g.output(hooks[i], found[i]);
  }
  return tidied(g);
}

}  // namespace

std::vector<std::int32_t> sample_rows(const TaskData& task) {
  const auto& from = task.test.empty() ? task.train : task.test;
  const auto n = std::min(from.size(), static_cast<std::size_t>(most_sampled));
  return {from.begin(), from.begin() + static_cast<std::ptrdiff_t>(n)};
}

int repeated_length(const TaskData& task) { return task.n_ctx >= 80 ? 40 : task.n_ctx / 2; }

bool has_room_to_repeat(const TaskData& task) {
  return repeated_length(task) >= 2 && task.d_vocab >= 3;
}

TokenTensor repeated_tokens(const TaskData& task, std::int64_t n) {
  GROK_REQUIRE(has_room_to_repeat(task), "a context of " + std::to_string(task.n_ctx));
  const Rng rng(0, "probes.repeated");
  const std::int64_t length = repeated_length(task), n_ctx = task.n_ctx;
  TokenTensor out({n, n_ctx});
  for (std::int64_t i = 0; i < n * n_ctx; ++i) {
    const std::int64_t draw = i / n_ctx * length + i % n_ctx % length;
    const auto token = 1 + rng.below(static_cast<std::uint64_t>(draw),
                                     static_cast<std::uint64_t>(task.d_vocab - 1));
    out.data[static_cast<std::size_t>(i)] = static_cast<Token>(token);
  }
  return out;
}

std::vector<Triple> gradient_triples(int p) {
  const auto triple = [p](std::int64_t i) {
    return Triple{static_cast<std::int32_t>(i / p / p), static_cast<std::int32_t>(i / p % p),
                  static_cast<std::int32_t>(i % p)};
  };
  const std::int64_t n = std::int64_t{p} * p * p;
  std::vector<Triple> out;
  if (p > largest_listed_p) {
    const Rng rng(0, "probes.triples");
    for (std::size_t i = 0; i < n_triples; ++i)
      out.push_back(triple(static_cast<std::int64_t>(rng.below(i, static_cast<std::uint64_t>(n)))));
    return out;
  }
  std::vector<std::int32_t> all(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int32_t>(i);
  PythonRandom(42).shuffle(std::span(all));
  all.resize(std::min(all.size(), n_triples));
  for (const std::int32_t i : all) out.push_back(triple(i));
  return out;
}

Graph capture_graph(const Params& model, const TaskData& task, Where where,
                    std::span<const std::string> hooks) {
  if (where == Where::answer) return answer_graph(model, task, hooks);
  if (where == Where::logit_gradient) return gradient_graph(model, task, hooks);
  if (where == Where::repeated)
    return whole_graph(model, task, hooks,
                       repeated_tokens(task, n_that_fit(model, task, hooks, most_repeated)));
  std::vector<std::int32_t> rows = sample_rows(task);
  rows.resize(static_cast<std::size_t>(
      n_that_fit(model, task, hooks, static_cast<std::int64_t>(rows.size()))));
  return whole_graph(model, task, hooks, rows_of(task.tokens, rows));
}

}  // namespace grok
