// Laws of training that hold for every task, model, loss and optimizer of the catalogues: the
// compiled step computes what the graph as written means, gradients are derivatives, and the same
// spec gives the same bits.

#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "grok/base/rng.h"
#include "grok/filters/filter.h"
#include "grok/kernels/target.h"
#include "grok/losses/loss.h"
#include "grok/schedules/lr_schedule.h"
#include "grok/tasks/generated.h"
#include "grok/terms/term.h"
#include "tests/support/catalog_specs.h"
#include "tests/support/first_bindings.h"
#include "tests/support/graph_check.h"

namespace grok {
namespace {

template <class F>
void for_all(F&& f) {
  for (const CatalogSpec& s : catalog_specs()) {
    SCOPED_TRACE(s.name + ": " + s.spec.task.text("name") + ", " + s.spec.model.text("name"));
    f(s.spec, tasks::data_of(s.spec.task));
  }
}

TEST(Catalogs, are_all_in_these_laws) {
  std::set<std::string> seen;
  for (const CatalogSpec& s : catalog_specs()) {
    for (const Params* section : {&s.spec.task, &s.spec.model, &s.spec.loss, &s.spec.optim})
      seen.insert(section->text("name"));
    seen.insert(s.spec.optim.text("schedule"));
    for (const std::string& filter : s.spec.optim.texts("filters")) seen.insert(filter);
  }
  for (const CatalogSpec& s : specs_of_all_terms()) seen.insert(s.spec.terms.text("x.name"));
  const auto expect_all = [&](const auto& catalog) {
    for (const auto* def : catalog) EXPECT_TRUE(seen.contains(std::string(def->name))) << def->name;
  };
  expect_all(tasks::catalog());
  expect_all(models::catalog());
  expect_all(losses::catalog());
  expect_all(optim::catalog());
  expect_all(filters::catalog());
  expect_all(schedules::catalog());
  expect_all(terms::catalog());
}

// The bound is relative to the norm of the whole gradient.
TEST(Catalogs, the_compiled_step_computes_what_is_written) {
  for_all([](const RunSpec& spec, const TaskData& task) {
    const Bindings bindings = first_bindings(spec, task);
    const DoubleTensors expected = interpret(training_graph(spec, task), bindings);
    const Graph compiled = optimized_training_graph(spec, task);
    // What the compiler folds of constants it rounds to float32.
    EXPECT_LT(difference_of_whole(interpret(compiled, bindings), expected), 1e-7);
    EXPECT_LT(difference_of_whole(run_program(compiled, first_weights(spec, task), bindings, 2),
                                  expected),
              1e-5);
  });
}

// What terms of the loss keep is read off weights, and no function of them within a step.
bool is_weight(const std::string& name) { return !name.starts_with("terms."); }

// Along a random direction of all weights together: central differences with Richardson's
// extrapolation. Kinks of ReLU lie at none of these points.
TEST(Catalogs, gradients_are_derivatives) {
  for_all([](const RunSpec& spec, const TaskData& task) {
    const Graph graph = training_graph(spec, task);
    const Bindings at = first_bindings(spec, task);
    const Rng rng(11, "direction");
    const auto moved = [&](double h) {
      Bindings out = at;
      std::uint64_t i = 0;
      for (auto& [name, tensor] : out.reals)
        for (double& x : tensor.data) x += is_weight(name) ? h * rng.normal(i++) : 0;
      return interpret(graph, out).at("loss").data[0];
    };
    const auto slope = [&](double h) { return (moved(h) - moved(-h)) / (2 * h); };
    const DoubleTensors gradients = interpret(graph, at);
    double expected = 0;
    std::uint64_t i = 0;
    for (const auto& [name, tensor] : at.reals) {
      if (!is_weight(name)) continue;
      const DoubleTensor* gradient = gradients.find("grad." + name);
      for (std::size_t j = 0; j < tensor.data.size(); ++j, ++i)
        if (gradient) expected += gradient->data[j] * rng.normal(i);
    }
    const double h = 1e-6;
    const double found = (4 * slope(h / 2) - slope(h)) / 3;
    EXPECT_NEAR(found, expected, 1e-6 * std::max(1.0, std::fabs(expected)));
  });
}

Checkpoint trained(const RunSpec& spec, const TaskData& task, int n_threads, int n_steps) {
  ThreadPool pool(n_threads);
  Trainer trainer(spec, task, pool);
  for (int i = 0; i < n_steps; ++i) trainer.step();
  return trainer.checkpoint();
}

TEST(Catalogs, bits_depend_neither_on_threads_nor_on_the_vector_width) {
  if (active_target() == "portable") GTEST_SKIP() << "bits are promised for fused multiply-add";
  const std::string_view before = active_target();
  for_all([&](const RunSpec& spec, const TaskData& task) {
    const Checkpoint one = trained(spec, task, 1, 4);
    for (const int n_threads : {2, 3, 4, 8}) EXPECT_EQ(trained(spec, task, n_threads, 4), one);
    for (const std::string_view target : available_targets()) {
      if (target == "portable" || target == before) continue;
      force_target(target);
      EXPECT_EQ(trained(spec, task, 2, 4), one) << target;
    }
    force_target(before);
  });
}

TEST(Catalogs, a_run_goes_on_exactly_from_a_checkpoint) {
  for_all([](const RunSpec& spec, const TaskData& task) {
    ThreadPool pool(1);
    Trainer second(spec, task, pool, trained(spec, task, 1, 2));
    while (second.steps_done() < 5) second.step();
    EXPECT_EQ(second.checkpoint(), trained(spec, task, 1, 5));
    second.go_to(trained(spec, task, 1, 1));  // and from an earlier one
    while (second.steps_done() < 5) second.step();
    EXPECT_EQ(second.checkpoint(), trained(spec, task, 1, 5));
  });
}

TEST(Catalogs, training_makes_the_loss_fall) {
  for_all([](const RunSpec& given, const TaskData&) {
    RunSpec spec = given;
    if (is_endless(spec.task)) {  // on a few examples, for what changes from step to step is noise
      spec.task.set("data", std::string("finite"));
      spec.task.set("n_train", std::int64_t{12});
    }
    spec.train.set("batch", std::string("full"));
    spec.optim.set("weight_decay", 0.0);
    const TaskData task = tasks::data_of(spec.task);
    ThreadPool pool(1);
    Trainer trainer(spec, task, pool);
    const auto mean_of_ten = [&] {
      double sum = 0;
      for (int i = 0; i < 10; ++i) sum += trainer.step();
      return sum;
    };
    const double first = mean_of_ten();
    for (int i = 0; i < 60; ++i) trainer.step();
    EXPECT_LT(mean_of_ten(), first);
  });
}

}  // namespace
}  // namespace grok
