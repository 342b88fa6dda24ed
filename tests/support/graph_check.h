#pragma once
// Compares graphs by what they compute: the same outputs, interpreted in double or run as a
// program.

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "grok/models/model.h"
#include "grok/plan/interpret.h"
#include "grok/plan/program.h"
#include "grok/train/trainer.h"

namespace grok {

using DoubleTensors = NamedTensorsOf<double>;

/// A model's first weights, with biases that are not zero and gains that are not one: one that is
/// dropped then shows.
inline Weights first_weights(const RunSpec& spec, const TaskData& task) {
  Weights weights = models::of(spec.model).init(spec.model, model_sizes(task));
  double bias = 0;
  for (auto& [name, tensor] : weights) {
    if (tensor.shape.rank() != 1) continue;
    for (float& x : tensor.data) x += static_cast<float>(0.3 * std::sin(bias += 1));
  }
  return weights;
}

inline Bindings in_double(const Weights& weights) {
  Bindings bindings;
  for (const auto& [name, tensor] : weights) {
    DoubleTensor& t = bindings.reals.add(name, DoubleTensor(tensor.shape));
    std::copy(tensor.data.begin(), tensor.data.end(), t.data.begin());
  }
  return bindings;
}

/// All outputs of a graph, run as it would be in training, its inputs bound to those of `inputs`.
inline DoubleTensors run_program(const Graph& graph, const Weights& weights, const Bindings& inputs,
                                 int n_threads) {
  Program program(graph, n_threads);
  for (const auto& [name, tensor] : weights) program.bind(name, tensor.span());
  NamedTensors others;  // real inputs that are no weights
  for (const auto& [name, tensor] : inputs.reals)
    if (!weights.find(name)) {
      Tensor& t = others.add(name, Tensor(tensor.shape));
      std::transform(tensor.data.begin(), tensor.data.end(), t.data.begin(),
                     [](double x) { return static_cast<float>(x); });
    }
  for (const auto& [name, tensor] : others) program.bind(name, tensor.span());
  for (const auto& [name, tensor] : inputs.tokens) program.bind(name, tensor.span());
  ThreadPool pool(n_threads);
  program.run(pool);
  DoubleTensors out;
  for (const auto& [name, id] : graph.outputs()) {
    DoubleTensor& t = out.add(name, DoubleTensor(graph.shape(id)));
    if (graph[id].type.dtype == DType::f64) {
      const Doubles values = program.doubles(name);
      std::copy(values.begin(), values.end(), t.data.begin());
      continue;
    }
    const ConstFloats values = program.floats(name);
    std::copy(values.begin(), values.end(), t.data.begin());
  }
  return out;
}

inline DoubleTensors run_program(const Graph& graph, const Weights& weights, int n_threads) {
  return run_program(graph, weights, {}, n_threads);
}

/// The worst difference of any tensor, relative to its norm.
inline double difference(const DoubleTensors& a, const DoubleTensors& b) {
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

/// The worst difference of any tensor, relative to the norm of them all: an absolute error of the
/// gradient, where some tensors' gradients are tiny beside others'.
inline double difference_of_whole(const DoubleTensors& a, const DoubleTensors& b) {
  EXPECT_EQ(a.size(), b.size());
  double squares = 0, errors = 0;
  for (const auto& [name, tensor] : b) {
    const DoubleTensor* other = a.find(name);
    if (!other || other->shape != tensor.shape) return HUGE_VAL;
    for (std::size_t i = 0; i < tensor.data.size(); ++i) {
      if (name != "loss") squares += tensor.data[i] * tensor.data[i];
      errors += std::pow(tensor.data[i] - other->data[i], 2);
    }
  }
  return std::sqrt(errors / (squares > 0 ? squares : 1));
}

}  // namespace grok
