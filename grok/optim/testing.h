#pragma once
// For the tests of this folder: weights under a quadratic loss, which an update rule trains.

#include <cmath>
#include <vector>

#include "grok/optim/update_rule.h"

namespace grok::testing {

inline Params section(const OptimizerDef& def, const Params& given = {}) {
  Params out = checked_params(def.schema(), given,
                              {{"seed", std::int64_t{3}}, {"steps", std::int64_t{100}}});
  out.set("name", std::string(def.name));
  return out;
}

/// A matrix "a", a vector "b" and heads "blocks.c", under loss = sum of c (w - t)^2 / 2.
struct Quadratic {
  static double curvature(std::size_t i) { return 0.5 + 0.1 * static_cast<double>(i % 11); }
  static double target(std::size_t i) { return 3 + 0.25 * static_cast<double>(i % 5); }
  static Weights first(std::int64_t size_of_b = 5) {
    Weights out;
    for (const auto& [name, shape] : {std::pair{"a", Shape{4, 6}}, std::pair{"b", Shape{size_of_b}},
                                      std::pair{"blocks.c", Shape{2, 7, 3}}}) {
      Tensor& w = out.add(name, Tensor(shape));
      for (std::size_t i = 0; i < w.data.size(); ++i)
        w.data[i] = static_cast<float>(std::sin(static_cast<double>(3 * i + out.size())));
    }
    return out;
  }
};

/// A run of an update rule on it.
class Training {
 public:
  Training(const Params& params, Weights weights, NamedTensors state, int n_threads = 1)
      : pool_(n_threads),
        weights_(std::move(weights)),
        state_(std::move(state)),
        rule_(params, weights_, state_, n_threads) {
    for (const auto& [name, tensor] : weights_) gradients_.push_back(Tensor(tensor.shape));
    for (const Tensor& g : gradients_) spans_.push_back(g.span());
  }
  explicit Training(const Params& params, int n_threads = 1)
      : Training(params, Quadratic::first(), first_optimizer_state(params, Quadratic::first()),
                 n_threads) {}
  Training(const Training&) = delete;
  Training& operator=(const Training&) = delete;

  void train(std::int64_t from, std::int64_t to) {
    for (std::int64_t step = from; step < to; ++step) {
      LossSurface surface;
      surface.loss = evaluate();
      surface.evaluate = [](void* self) noexcept {
        return static_cast<Training*>(self)->evaluate();
      };
      surface.context = this;
      surface.gradients = spans_;
      rule_.apply(step, surface, pool_);
    }
  }

  double evaluate() noexcept {
    double loss = 0;
    std::size_t k = 0;
    for (const auto& [name, w] : weights_) {
      for (std::size_t i = 0; i < w.data.size(); ++i) {
        const double way = static_cast<double>(w.data[i]) - Quadratic::target(i);
        loss += Quadratic::curvature(i) * way * way / 2;
        gradients_[k].data[i] = static_cast<float>(Quadratic::curvature(i) * way);
      }
      ++k;
    }
    return loss;
  }

  const Weights& weights() const { return weights_; }
  const NamedTensors& state() const { return state_; }
  double distance() const {
    double out = 0;
    for (const auto& [name, w] : weights_)
      for (std::size_t i = 0; i < w.data.size(); ++i)
        out = std::max(out, std::fabs(static_cast<double>(w.data[i]) - Quadratic::target(i)));
    return out;
  }

 private:
  ThreadPool pool_;
  Weights weights_;
  NamedTensors state_;
  std::vector<Tensor> gradients_;
  std::vector<ConstFloats> spans_;
  UpdateRule rule_;
};

}  // namespace grok::testing
