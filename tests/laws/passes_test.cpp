// Every pass, alone and with the others, leaves loss, gradients and hook points what they were: the
// rewritten graph and the graph as written, both interpreted in double.

#include <cmath>

#include <gtest/gtest.h>

#include "grok/ops/catalog.h"
#include "grok/plan/gradient.h"
#include "grok/plan/interpret.h"
#include "grok/plan/pass.h"
#include "grok/train/trainer.h"
#include "tests/support/small_spec.h"

namespace grok {
namespace {

using DoubleTensors = NamedTensorsOf<double>;

Bindings weights_of(const RunSpec& spec, const TaskData& task) {
  Bindings bindings;
  // Fresh weights have zero biases, and then a bias that is dropped goes unseen.
  float bias = 0.3f;
  for (const auto& [name, tensor] : models::of(spec.model).init(spec.model, model_sizes(task))) {
    DoubleTensor& t = bindings.reals.add(name, DoubleTensor(tensor.shape));
    for (std::size_t i = 0; i < tensor.data.size(); ++i)
      t.data[i] = tensor.shape.rank() == 1 ? static_cast<double>(bias *= -0.9f)
                                           : static_cast<double>(tensor.data[i]);
  }
  return bindings;
}

double difference(const DoubleTensors& a, const DoubleTensors& b) {
  EXPECT_EQ(a.size(), b.size());
  double worst = 0;
  for (const auto& [name, tensor] : b) {
    const DoubleTensor* other = a.find(name);
    if (!other || other->shape != tensor.shape) return HUGE_VAL;
    double squares = 0, errors = 0;
    for (std::size_t i = 0; i < tensor.data.size(); ++i) {
      squares += tensor.data[i] * tensor.data[i];
      errors += std::pow(tensor.data[i] - other->data[i], 2);
    }
    worst = std::max(worst, std::sqrt(errors / (squares > 0 ? squares : 1)));
  }
  return worst;
}

std::vector<RunSpec> specs() {
  return {small_spec(7), small_spec(7, {{"n_layers", std::int64_t{2}}}),
          small_spec(11, {{"n_heads", std::int64_t{1}}, {"d_head", std::int64_t{3}}})};
}

TEST(Passes, each_alone_keeps_loss_and_gradients) {
  for (const RunSpec& spec : specs()) {
    const TaskData task = tasks::data_of(spec.task);
    const Bindings weights = weights_of(spec, task);
    const DoubleTensors expected = interpret(training_graph(spec, task), weights);
    for (const Pass* pass : pass_catalog()) {
      const std::vector<std::string> only{std::string(pass->name)};
      const Graph rewritten = optimized_training_graph(spec, task, only);
      EXPECT_LT(difference(interpret(rewritten, weights), expected), 1e-12) << pass->name;
    }
  }
}

TEST(Passes, all_together_keep_loss_and_gradients) {
  for (const RunSpec& spec : specs()) {
    const TaskData task = tasks::data_of(spec.task);
    const Bindings weights = weights_of(spec, task);
    const Graph rewritten = optimized_training_graph(spec, task);
    EXPECT_LT(
        difference(interpret(rewritten, weights), interpret(training_graph(spec, task), weights)),
        1e-12);
    EXPECT_LT(cost_of(rewritten).flops, 0.8 * cost_of(training_graph(spec, task)).flops);
  }
}

// All hook points captured at once: none may change, whatever is rewritten around it.
TEST(Passes, keep_the_meaning_of_every_hook_point) {
  const RunSpec spec = small_spec(7, {{"n_layers", std::int64_t{2}}});
  const TaskData task = tasks::data_of(spec.task);
  Graph g;
  const NodeId logits =
      models::of(spec.model).build(g, spec.model, model_sizes(task), g.constant(task.tokens));
  const std::int64_t last = task.n_ctx - 1;
  g.output("answer",
           g.add(ops::slice(), {logits}, {{"axis", 1}, {"begin", last}, {"end", last + 1}}));
  int n_hooks = 0;
  for (NodeId id = 0; id < g.size(); ++id)
    for (const std::string& hook : g[id].hooks) {
      g.output(hook, id);
      ++n_hooks;
    }
  EXPECT_GT(n_hooks, 20);
  const Bindings weights = weights_of(spec, task);
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

// The comparison is shown to catch a wrong rewrite.
TEST(Passes, a_planted_error_is_caught) {
  const RunSpec spec = small_spec();
  const TaskData task = tasks::data_of(spec.task);
  Bindings weights = weights_of(spec, task);
  const Graph g = training_graph(spec, task);
  const DoubleTensors expected = interpret(g, weights);
  weights.reals.at("embed.W_E").data[0] *= 1.0001;
  EXPECT_GT(difference(interpret(g, weights), expected), 1e-8);
}

}  // namespace
}  // namespace grok
