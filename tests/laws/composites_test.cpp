// What needs no op of its own, because others say it: a square, SoLU. Their gradients pass through
// an op that is given one value twice.

#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include "grok/ops/catalog.h"
#include "grok/plan/gradient.h"
#include "tests/laws/op_check.h"
#include "tests/support/graph_check.h"

namespace grok {
namespace {

const Shape shape{7, 17};

using Composite = std::function<NodeId(Graph&, NodeId)>;

NodeId square(Graph& g, NodeId x) { return g.add(ops::multiply(), {x, x}); }
NodeId solu(Graph& g, NodeId x) { return g.add(ops::multiply(), {x, g.add(ops::softmax(), {x})}); }

/// The mean square of f(x), as output "loss", and its gradient "grad.x".
Graph loss_of(const Composite& f) {
  Graph g;
  const NodeId y = f(g, g.weight("x", shape));
  const NodeId errors = g.add(ops::squared_error(), {y, g.constant(Tensor(shape))});
  g.output("loss", g.add(ops::mean(), {errors}));
  add_weight_gradients(g, g.find_output("loss"));
  return g;
}

Bindings some_x() {
  const DoubleTensor x = random_inputs({{{shape}}, {}, 0}, 3).reals.at("x0");
  Bindings bindings;
  bindings.reals.add("x", x);
  return bindings;
}

double loss_at(const Graph& g, const Bindings& bindings) {
  return interpret(g, bindings).at("loss").data[0];
}

/// By central differences, extrapolated from two step widths.
double slope(const Graph& g, Bindings& bindings, std::size_t i) {
  double& x = bindings.reals.at("x").data[i];
  const double at = x;
  const auto quotient = [&](double h) {
    x = at + h;
    const double above = loss_at(g, bindings);
    x = at - h;
    const double below = loss_at(g, bindings);
    x = at;
    return (above - below) / (2 * h);
  };
  return (4 * quotient(1e-3) - quotient(2e-3)) / 3;
}

void expect_gradient_agrees_with_differences(const Composite& f) {
  Bindings bindings = some_x();
  const Graph g = loss_of(f);
  const auto gradient = interpret(g, bindings).at("grad.x");
  for (std::size_t i = 0; i < gradient.data.size(); ++i)
    EXPECT_NEAR(gradient.data[i], slope(g, bindings, i), 1e-11) << i;
}

TEST(Composites, a_square_is_a_product_of_a_value_with_itself) {
  const Bindings bindings = some_x();
  const DoubleTensor& x = bindings.reals.at("x");
  const auto out = interpret(loss_of(square), bindings);
  const auto n = static_cast<double>(x.data.size());
  double loss = 0;
  for (std::size_t i = 0; i < x.data.size(); ++i) {
    loss += std::pow(x.data[i], 4) / n;
    EXPECT_NEAR(out.at("grad.x").data[i], 4 * std::pow(x.data[i], 3) / n, 1e-15);
  }
  EXPECT_NEAR(out.at("loss").data[0], loss, 1e-14);
  expect_gradient_agrees_with_differences(square);
}

// x softmax(x), Elhage et al. 2022, "Softmax Linear Units".
TEST(Composites, solu_is_a_product_of_a_value_with_its_softmax) {
  expect_gradient_agrees_with_differences(solu);
}

TEST(Composites, run_as_programs_as_they_are_interpreted) {
  const Bindings bindings = some_x();
  Weights weights;
  Tensor& x = weights.add("x", Tensor(shape));
  const DoubleTensor& exact = bindings.reals.at("x");
  for (std::size_t i = 0; i < x.data.size(); ++i) x.data[i] = static_cast<float>(exact.data[i]);
  for (const Composite& f : {Composite(square), Composite(solu)}) {
    const Graph g = loss_of(f);
    EXPECT_LT(difference(run_program(g, weights, 2), interpret(g, bindings)), 1e-6);
  }
}

}  // namespace
}  // namespace grok
