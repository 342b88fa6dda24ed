#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/filters/filter.h"

namespace grok {
namespace {

/// Two weights, and the loss sum over them of (w - 3)^2 / 2: a filter at work on its gradients.
class Bench {
 public:
  Bench(const FilterDef& def, const Params& given,
        const Params& train = {{"seed", std::int64_t{5}}})
      : def_(def), params_(checked_params(def.schema(), given, train)) {
    weights_.add("a", Tensor(Shape{37}));
    weights_.add("b", Tensor(Shape{2, 5}));
    for (auto& [name, tensor] : weights_) {
      std::iota(tensor.data.begin(), tensor.data.end(), name == "a" ? -4.0f : 2.0f);
      gradients_.push_back(tensor);
      out_.push_back(Tensor(tensor.shape));
    }
    for (std::size_t i = 0; i < 2; ++i) {
      in_.push_back(gradients_[i].span());
      out_spans_.push_back(out_[i].span());
    }
    if (def.init) state_ = def.init(params_, weights_);
    for (auto& [name, tensor] : state_) state_spans_.push_back(tensor.span());
    scratch_ = Tensor(
        Shape{std::max<std::int64_t>(1, def.scratch_floats ? def.scratch_floats(weights_) : 0)});
    evaluate();
  }

  /// The gradients here, or those given, after the filter.
  std::vector<Tensor> filtered(std::int64_t step) {
    evaluate();
    return apply(step);
  }
  std::vector<Tensor> filtered(std::int64_t step, float everywhere) {
    for (Tensor& g : gradients_) std::fill(g.data.begin(), g.data.end(), everywhere);
    return apply(step);
  }
  std::vector<Tensor> gradients() {
    evaluate();
    return gradients_;
  }

  Weights weights_;
  NamedTensors state_;
  bool second_is_frozen_ = false;
  int n_evaluations_ = 0;

 private:
  std::vector<Tensor> apply(std::int64_t step) {
    const bool frozen[] = {false, true};
    LossSurface surface;
    surface.evaluate = [](void* context) noexcept {
      static_cast<Bench*>(context)->evaluate();
      return 0.0;
    };
    surface.context = this;
    surface.gradients = in_;
    if (second_is_frozen_) surface.is_frozen = frozen;
    def_.apply(
        {params_, step, in_, out_spans_, weights_, state_spans_, scratch_.span(), surface, pool_});
    return out_;
  }

  void evaluate() noexcept {
    ++n_evaluations_;
    std::size_t i = 0;
    for (const auto& [name, tensor] : weights_) {
      for (std::size_t j = 0; j < tensor.data.size(); ++j)
        gradients_[i].data[j] = tensor.data[j] - 3;
      ++i;
    }
  }

  const FilterDef& def_;
  Params params_;
  std::vector<Tensor> gradients_, out_;
  std::vector<ConstFloats> in_;
  std::vector<Floats> out_spans_, state_spans_;
  Tensor scratch_;
  ThreadPool pool_{1};
};

double dot(const Tensor& a, const Tensor& b) {
  return std::inner_product(a.data.begin(), a.data.end(), b.data.begin(), 0.0);
}
double norm(const std::vector<Tensor>& all) {
  double squares = 0;
  for (const Tensor& t : all) squares += dot(t, t);
  return std::sqrt(squares);
}

TEST(Filters, leave_the_weights_as_they_are) {
  for (const FilterDef* def : filters::catalog()) {
    SCOPED_TRACE(std::string(def->name));
    Bench bench(*def, {});
    const Weights before = bench.weights_;
    const int before_it = bench.n_evaluations_;
    bench.filtered(0);  // one evaluation is the bench's own
    EXPECT_EQ(bench.n_evaluations_ > before_it + 1, def->evaluates);
    bench.filtered(1);
    EXPECT_EQ(bench.weights_, before);
  }
}

// What it remembers is in its state: with that, another goes on where the first stopped.
TEST(Filters, go_on_exactly_from_their_state) {
  for (const FilterDef* def : filters::catalog()) {
    SCOPED_TRACE(std::string(def->name));
    const Params few = def->name == "grokfast_ma" ? Params{{"window", std::int64_t{3}}} : Params{};
    Bench whole(*def, few), second(*def, few);
    const auto step = [](Bench& bench, std::int64_t i) {
      auto& w = bench.weights_.at("a").data;
      std::fill(w.begin(), w.end(), static_cast<float>(i * i));
      return bench.filtered(i);
    };
    for (std::int64_t i = 0; i < 5; ++i) step(whole, i);
    std::size_t k = 0;
    for (auto& [name, tensor] : second.state_)  // as if read back from a keyframe
      tensor.data = (whole.state_.begin() + static_cast<std::ptrdiff_t>(k++))->tensor.data;
    for (std::int64_t i = 5; i < 9; ++i) EXPECT_EQ(step(whole, i), step(second, i)) << i;
    EXPECT_EQ(whole.state_, second.state_);
  }
}

TEST(Filters, that_evaluate_must_stand_first) {
  Mistakes mistakes;
  filters::check_order({"sam", "clip_norm"}, mistakes);
  EXPECT_TRUE(mistakes.empty());
  filters::check_order({"clip_norm", "sam"}, mistakes);
  EXPECT_EQ(mistakes.size(), 1u);
}

TEST(ClipNorm, holds_the_norm_of_all_together) {
  const auto clipped = Bench(filters::clip_norm(), {{"largest", 2.0}}).filtered(0);
  EXPECT_NEAR(norm(clipped), 2, 1e-5);
  Bench bench(filters::clip_norm(), {{"largest", 2.0}});
  const auto g = bench.gradients();
  EXPECT_NEAR(clipped[1].data[3] / clipped[0].data[0], g[1].data[3] / g[0].data[0], 1e-6);
  EXPECT_EQ(Bench(filters::clip_norm(), {{"largest", 1e4}}).filtered(0), g);
}

// The mean begins with the first gradient. By hand, with alpha = 1/2 and lambda = 2: gradients 2,
// 4, 0 have means 2, 3, 1.5.
TEST(GrokfastEma, adds_the_running_mean) {
  Bench bench(filters::grokfast_ema(), {{"alpha", 0.5}, {"lambda", 2.0}});
  EXPECT_EQ(bench.filtered(0, 2)[0].data[7], 6);
  EXPECT_EQ(bench.filtered(1, 4)[1].data[7], 10);
  EXPECT_EQ(bench.filtered(2, 0)[0].data[36], 3);
}

// Nothing until there are as many as the window holds. Windows of 3: (1, 2, 4), (2, 4, 9), (4, 9,
// 2).
TEST(GrokfastMa, adds_the_mean_of_the_last) {
  Bench bench(filters::grokfast_ma(), {{"window", std::int64_t{3}}, {"lambda", 6.0}});
  EXPECT_EQ(bench.filtered(0, 1)[0].data[0], 1);
  EXPECT_EQ(bench.filtered(1, 2)[0].data[0], 2);
  EXPECT_EQ(bench.filtered(2, 4)[0].data[0], 4 + 2 * 7);
  EXPECT_EQ(bench.filtered(3, 9)[1].data[9], 9 + 2 * 15);
  EXPECT_EQ(bench.filtered(4, 2)[1].data[9], 2 + 2 * 15);
}

// Gradients that fall from 1e6 to 1e-6: a sum in one float would keep an error of 0.1.
TEST(GrokfastMa, forgets_what_left_the_window) {
  Bench bench(filters::grokfast_ma(), {{"window", std::int64_t{2}}, {"lambda", 2.0}});
  bench.filtered(0, 1e6f);
  bench.filtered(1, 3e5f);
  bench.filtered(2, 1e-6f);
  bench.filtered(3, 1e-6f);
  const float last = bench.filtered(4, 1e-6f)[0].data[0];
  EXPECT_NEAR(last, 3e-6, 1e-9);
}

TEST(OrthogonalGradient, is_at_right_angles_to_the_weights_and_as_long_as_the_gradient) {
  Bench bench(filters::orthogonal_gradient(), {});
  const auto g = bench.gradients(), found = bench.filtered(0);
  std::size_t i = 0;
  for (const auto& [name, w] : bench.weights_) {
    EXPECT_NEAR(dot(found[i], w) / std::sqrt(dot(w, w) * dot(g[i], g[i])), 0, 1e-6) << name;
    EXPECT_NEAR(dot(found[i], found[i]), dot(g[i], g[i]), 1e-5 * dot(g[i], g[i])) << name;
    EXPECT_GT(dot(found[i], g[i]), 0) << name;
    ++i;
  }
}

TEST(OrthogonalGradient, of_a_gradient_along_its_weights_leaves_nothing) {
  Bench bench(filters::orthogonal_gradient(), {});
  auto& w = bench.weights_.at("a").data;  // the gradient is w - 3: with all w alike along them
  std::fill(w.begin(), w.end(), 0.7f);
  EXPECT_LT(norm({bench.filtered(0)[0]}), 1e-3);
}

TEST(OrthogonalGradient, of_weights_that_are_zero_is_the_gradient) {
  Bench bench(filters::orthogonal_gradient(), {});
  auto& w = bench.weights_.at("a").data;
  std::fill(w.begin(), w.end(), 0.0f);
  const auto g = bench.gradients();
  EXPECT_EQ(bench.filtered(0)[0], g[0]);
}

// The gradient of this loss is w - 3, so rho further along it it is 1 + rho / |g| times as long.
TEST(Sam, takes_the_gradient_further_along_it) {
  Bench bench(filters::sam(), {{"rho", 0.5}});
  const auto g = bench.gradients();
  const auto found = bench.filtered(0);
  const double factor = 1 + 0.5 / norm(g);
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t j = 0; j < g[i].data.size(); ++j)
      EXPECT_NEAR(found[i].data[j], factor * g[i].data[j], 1e-5);
}

// The loss is a sum over the weights, so each gradient tells whether its weight was moved.
TEST(Filters, do_not_move_weights_that_are_frozen) {
  for (const FilterDef* def : filters::catalog()) {
    if (!def->evaluates) continue;
    Bench bench(*def, {});
    bench.second_is_frozen_ = true;
    const auto g = bench.gradients(), found = bench.filtered(0);
    EXPECT_EQ(found[1], g[1]) << def->name;
    EXPECT_NE(found[0], g[0]) << def->name;
  }
}

TEST(ClipNorm, does_not_count_weights_that_are_frozen) {
  Bench bench(filters::clip_norm(), {{"largest", 2.0}});
  bench.second_is_frozen_ = true;
  EXPECT_NEAR(norm({bench.filtered(0)[0]}), 2, 1e-5);
}

TEST(Sam, counts_the_norm_of_what_it_moves) {
  Bench bench(filters::sam(), {{"rho", 0.5}});
  bench.second_is_frozen_ = true;
  const auto g = bench.gradients();
  const auto found = bench.filtered(0);
  EXPECT_NEAR(norm({found[0]}), norm({g[0]}) + 0.5, 1e-4);
}

// Of noise: what it adds has its deviation, differs from step to step and weight to weight, follows
// the seed, and does not follow the gradients.
void expect_noise(const FilterDef& def) {
  const auto noise = [&](std::int64_t seed, std::int64_t step, double sigma) {
    Bench bench(def, {{"sigma", sigma}}, {{"seed", seed}});
    const auto g = bench.gradients();
    auto out = bench.filtered(step);
    for (std::size_t i = 0; i < 2; ++i)
      for (std::size_t j = 0; j < g[i].data.size(); ++j) out[i].data[j] -= g[i].data[j];
    return out;
  };
  const auto first = noise(5, 0, 0.25);
  EXPECT_NEAR(norm(first) / std::sqrt(47), 0.25, 0.08);
  EXPECT_EQ(noise(5, 0, 0.25), first);
  for (const auto& other : {noise(6, 0, 0.25), noise(5, 1, 0.25)}) {
    const double cosine = dot(first[0], other[0]) / norm({first[0]}) / norm({other[0]});
    EXPECT_LT(std::fabs(cosine), 0.5);
  }
  EXPECT_GT(std::fabs(first[0].data[0] - first[1].data[0]), 1e-4);
  EXPECT_EQ(norm(noise(5, 0, 0)), 0);
}

TEST(GradientNoise, is_of_its_seed_step_and_weight) { expect_noise(filters::gradient_noise()); }
// The gradient of this loss moves as much as the weights do.
TEST(WeightNoise, is_of_its_seed_step_and_weight) { expect_noise(filters::weight_noise()); }

TEST(GradientNoise, falls_with_the_steps_where_it_is_asked_to) {
  Bench bench(filters::gradient_noise(), {{"sigma", 0.25}, {"gamma", 1.0}});
  const auto g = bench.gradients();
  double squares = 0;
  for (std::int64_t step = 99; step < 109; ++step) {
    const auto out = bench.filtered(step);
    for (std::size_t j = 0; j < 37; ++j)
      squares += std::pow(out[0].data[j] - g[0].data[j], 2) / 370;
  }
  EXPECT_NEAR(std::sqrt(squares), 0.0245, 0.003);
}

}  // namespace
}  // namespace grok
