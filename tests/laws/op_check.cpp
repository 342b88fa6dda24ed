#include "tests/laws/op_check.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "grok/base/rng.h"
#include "grok/ops/catalog.h"
#include "grok/plan/program.h"

namespace grok {
namespace {

std::string leaf(std::size_t i) { return "x" + std::to_string(i); }

double norm(const DoubleTensor& x) {
  double sum = 0;
  for (const double v : x.data) sum += v * v;
  return std::sqrt(sum);
}

double relative_difference(const DoubleTensor& a, const DoubleTensor& b) {
  DoubleTensor difference(a.shape);
  for (std::size_t i = 0; i < a.data.size(); ++i) difference.data[i] = a.data[i] - b.data[i];
  const double scale = norm(b);
  return scale > 0 ? norm(difference) / scale : norm(difference);
}

std::vector<NodeId> add_leaves(Graph& g, const OpExample& example) {
  std::vector<NodeId> inputs;
  for (std::size_t i = 0; i < example.inputs.size(); ++i)
    inputs.push_back(g.input(leaf(i), example.inputs[i]));
  return inputs;
}

// <cotangent, op(inputs)>
double weighted(const Graph& g, const Bindings& bindings, const DoubleTensor& cotangent) {
  const auto out = interpret(g, bindings);
  double sum = 0;
  for (std::size_t i = 0; i < cotangent.data.size(); ++i)
    sum += cotangent.data[i] * out.at("y").data[i];
  return sum;
}

double difference_quotient(const Graph& g, Bindings& bindings, double& x,
                           const DoubleTensor& cotangent, double h) {
  const double at = x;
  x = at + h;
  const double above = weighted(g, bindings, cotangent);
  x = at - h;
  const double below = weighted(g, bindings, cotangent);
  x = at;
  return (above - below) / (2 * h);
}

class Run {
 public:
  Run(const OpDef& op, const OpExample& example, const Bindings& bindings, int n_threads)
      : pool_(n_threads), program_(graph_of(op, example), n_threads) {
    for (const auto& [name, tensor] : bindings.tokens) program_.bind(name, tensor.span());
    for (const auto& [name, tensor] : bindings.reals) bind(name, tensor);
    program_.run(pool_);
  }

  DoubleTensor output() const {
    DoubleTensor out(program_.shape("y"));
    if (has_double_output()) {
      const Doubles y = program_.doubles("y");
      std::copy(y.begin(), y.end(), out.data.begin());
    } else {
      const ConstFloats y = program_.floats("y");
      std::copy(y.begin(), y.end(), out.data.begin());
    }
    return out;
  }

 private:
  bool has_double_output() const {
    return program_.graph()[program_.graph().find_output("y")].type.dtype == DType::f64;
  }
  void bind(const std::string& name, const DoubleTensor& tensor) {
    const Graph& g = program_.graph();
    if (g[g.find_leaf(name)].type.dtype == DType::f64) {
      program_.bind(name, tensor.span());
      return;
    }
    Tensor& rounded = floats_.add(name, Tensor(tensor.shape));
    for (std::size_t i = 0; i < tensor.data.size(); ++i)
      rounded.data[i] = static_cast<float>(tensor.data[i]);
    program_.bind(name, std::as_const(rounded).span());
  }

  ThreadPool pool_;
  Program program_;
  NamedTensors floats_;
};

}  // namespace

Bindings random_inputs(const OpExample& example, std::uint64_t seed) {
  Bindings bindings;
  for (std::size_t i = 0; i < example.inputs.size(); ++i) {
    const Rng rng(seed, leaf(i));
    const TensorType& type = example.inputs[i];
    const auto n = static_cast<std::size_t>(type.shape.n_elements());
    if (type.dtype == DType::i32) {
      TokenTensor& t = bindings.tokens.add(leaf(i), TokenTensor(type.shape));
      for (std::size_t j = 0; j < n; ++j)
        t.data[j] =
            static_cast<Token>(rng.below(j, static_cast<std::uint64_t>(example.token_limit)));
    } else {
      DoubleTensor& t = bindings.reals.add(leaf(i), DoubleTensor(type.shape));
      for (std::size_t j = 0; j < n; ++j) {
        const double u = 2 * rng.uniform(j) - 1;
        // Exact in float32, so that kernel and reference start from the same numbers.
        t.data[j] = static_cast<float>(u < 0 ? 0.9 * u - 0.1 : 0.9 * u + 0.1);
      }
    }
  }
  return bindings;
}

Graph graph_of(const OpDef& op, const OpExample& example) {
  Graph g;
  const std::vector<NodeId> inputs = add_leaves(g, example);
  g.output("y", g.add(op, inputs, example.attributes));
  return g;
}

double kernel_error(const OpDef& op, const OpExample& example, int n_threads) {
  const Bindings bindings = random_inputs(example, 1);
  const Run run(op, example, bindings, n_threads);
  return relative_difference(run.output(), interpret(graph_of(op, example), bindings).at("y"));
}

std::string kernel_bits(const OpDef& op, const OpExample& example, int n_threads) {
  const DoubleTensor out = Run(op, example, random_inputs(example, 1), n_threads).output();
  return {reinterpret_cast<const char*>(out.data.data()), out.data.size() * sizeof(double)};
}

double gradient_error(const OpDef& op, const OpExample& example) {
  Graph forward = graph_of(op, example);
  const NodeId y = forward.find_output("y");
  const TensorType type = forward[y].type;
  OpExample cotangent_example{{type}, {}, 0};
  const DoubleTensor cotangent = random_inputs(cotangent_example, 2).reals.at("x0");

  Graph with_gradient = forward;
  const NodeId seed = with_gradient.input("cotangent", type);
  const std::vector<NodeId> parts = op.vjp(with_gradient, y, seed);
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (parts[i] != no_node) with_gradient.output("d" + std::to_string(i), parts[i]);

  Bindings bindings = random_inputs(example, 1);
  Bindings with_cotangent = bindings;
  with_cotangent.reals.add("cotangent", cotangent);
  const auto gradients = interpret(with_gradient, with_cotangent);

  double worst = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == no_node) continue;
    DoubleTensor& x = bindings.reals.at(leaf(i));
    DoubleTensor differences(x.shape);
    for (std::size_t j = 0; j < x.data.size(); ++j) {
      constexpr double h = 2e-3;
      const double wide = difference_quotient(forward, bindings, x.data[j], cotangent, h);
      const double narrow = difference_quotient(forward, bindings, x.data[j], cotangent, h / 2);
      differences.data[j] = (4 * narrow - wide) / 3;
    }
    worst =
        std::max(worst, relative_difference(gradients.at("d" + std::to_string(i)), differences));
  }
  return worst;
}

double source_axes_error(const OpDef& op, const OpExample& example) {
  if (!op.source_axes) return 0;
  const Graph whole = graph_of(op, example);
  const TensorType type = whole[whole.find_output("y")].type;
  const Bindings bindings = random_inputs(example, 1);
  double worst = 0;
  for (int axis = 0; axis < type.shape.rank(); ++axis) {
    const auto sources = op.source_axes(example.inputs, type, example.attributes, axis);
    if (!sources || type.shape[axis] < 2) continue;
    const std::int64_t begin = type.shape[axis] / 2;
    const auto cut = [&](Graph& g, NodeId node, int along) {
      return g.add(ops::slice(), {node},
                   {{"axis", along}, {"begin", begin}, {"end", type.shape[axis]}});
    };
    Graph g;
    const std::vector<NodeId> leaves = add_leaves(g, example);
    const NodeId after = cut(g, g.add(op, leaves, example.attributes), axis);
    std::vector<NodeId> inputs = leaves;
    for (std::size_t i = 0; i < inputs.size(); ++i)
      if ((*sources)[i] >= 0) inputs[i] = cut(g, inputs[i], (*sources)[i]);
    const Shape shape = type.shape.with(axis, type.shape[axis] - begin);
    const Attributes attributes =
        op.resized ? op.resized(example.attributes, shape) : example.attributes;
    g.output("after", after);
    g.output("before", g.add(op, inputs, attributes));
    const auto values = interpret(g, bindings);
    worst = std::max(worst, relative_difference(values.at("before"), values.at("after")));
  }
  return worst;
}

}  // namespace grok
