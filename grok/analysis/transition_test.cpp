#include "grok/analysis/transition.h"

#include <cmath>

#include <gtest/gtest.h>

#include "grok/analysis/normal_equations.h"
#include "grok/analysis/transition_fit.h"

namespace grok {
namespace {

const Transition skewed{5, 0.3, 0.9};

TEST(Transition, with_equal_scales_is_the_logistic_curve) {
  const Transition shape{2, 0.5, 0.5};
  for (const double x : {-3.0, 1.0, 2.0, 2.7, 9.0})
    EXPECT_NEAR(shape.progress(x), 1 / (1 + std::exp(-(x - 2) / 0.5)), 1e-14) << x;
}

TEST(Transition, is_steepest_at_its_centre_where_its_sides_share_it_by_their_scales) {
  EXPECT_NEAR(skewed.progress(5), 0.25, 1e-15);
  for (const double x : {4.0, 4.9, 5.1, 7.0}) EXPECT_LT(skewed.rate(x), skewed.rate(5)) << x;
  EXPECT_NEAR(skewed.progress(-100), 0, 1e-15);
  EXPECT_NEAR(skewed.progress(100), 1, 1e-15);
}

TEST(Transition, is_undone_by_its_inverse) {
  for (const double share : {0.01, 0.1, 0.25, 0.5, 0.9, 0.999})
    EXPECT_NEAR(skewed.progress(skewed.at(share)), share, 1e-13);
}

TEST(Transition, has_the_derivatives_of_its_differences) {
  constexpr double h = 1e-6;
  for (const double x : {3.5, 4.9, 5.2, 8.0}) {
    const auto difference = [&](double Transition::*part) {
      Transition up = skewed, down = skewed;
      up.*part += h;
      down.*part -= h;
      return (up.progress(x) - down.progress(x)) / (2 * h);
    };
    const TransitionGradient g = gradient(skewed, x);
    EXPECT_NEAR(g.centre, difference(&Transition::centre), 1e-8) << x;
    EXPECT_NEAR(g.before, difference(&Transition::before), 1e-8) << x;
    EXPECT_NEAR(g.after, difference(&Transition::after), 1e-8) << x;
    EXPECT_NEAR(skewed.rate(x), (skewed.progress(x + h) - skewed.progress(x - h)) / (2 * h), 1e-8);
  }
}

TEST(Transition, of_a_logistic_curve_has_a_known_largest_share) {
  const Transition shape{3, 0.2, 0.2};
  const auto end_of = [](double x) { return x + 0.5; };
  EXPECT_NEAR(largest_share(shape, end_of, 0), std::tanh(0.5 / (4 * 0.2)), 1e-12);
}

TEST(NormalEquations, solve_what_is_exactly_so) {
  NormalEquations<2> equations;
  for (const double x : {0.0, 1.0, 2.0, 5.0}) equations.add({1, x}, 3 - 2 * x, 1 + x);
  const auto found = equations.solve();
  ASSERT_TRUE(found);
  EXPECT_NEAR((*found)[0], 3, 1e-12);
  EXPECT_NEAR((*found)[1], -2, 1e-12);
  NormalEquations<2> unknown;
  unknown.add({1, 2}, 1, 1);
  EXPECT_FALSE(unknown.solve());
}

// The variance of a mean of four is a quarter; with weights it is one over their sum.
TEST(NormalEquations, know_how_sure_they_are) {
  NormalEquations<1> equations;
  for (int i = 0; i < 4; ++i) equations.add({1}, i, 1);
  EXPECT_NEAR(equations.quadratic({1}).value(), 0.25, 1e-15);
  equations.add({1}, 0, 6);
  EXPECT_NEAR(equations.quadratic({1}).value(), 0.1, 1e-15);
}

AxisPoints points_on(const ChangeFit& curve) {
  AxisPoints out;
  for (double x = 0; x <= 10; x += 0.1) {
    out.x.push_back(x);
    out.y.push_back(curve.value(x));
    out.weight.push_back(1);
  }
  return out;
}

TEST(ChangeFit, finds_the_curve_that_made_the_points) {
  const ChangeFit curve{.shape = skewed,
                        .level_before = 4,
                        .slope_before = -0.1,
                        .level_after = 1,
                        .slope_after = 0.05};
  const AxisPoints points = points_on(curve);
  const FitLimits limits{0.01, 3, 1, 9};
  const auto fit = fit_change(points, {5.5, 0.5, 0.5}, limits);
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->shape.centre, 5, 1e-3);
  EXPECT_NEAR(fit->shape.before, 0.3, 1e-3);
  EXPECT_NEAR(fit->shape.after, 0.9, 2e-3);
  EXPECT_NEAR(fit->change(), -3, 5e-3);
  EXPECT_NEAR(fit->slope_before, -0.1, 1e-3);
  EXPECT_NEAR(fit->slope_after, 0.05, 1e-3);
  EXPECT_LT(fit->squares, 1e-4);
  // As many are drawn as there are unknowns.
  double sum = 0;
  for (const double h : leverages(points, *fit)) sum += h;
  EXPECT_NEAR(sum, 7, 1e-6);
}

TEST(ChangeFit, needs_more_points_than_it_has_unknowns) {
  AxisPoints points;
  for (int i = 0; i < 7; ++i) {
    points.x.push_back(i);
    points.y.push_back(i > 3);
    points.weight.push_back(1);
  }
  EXPECT_FALSE(fit_change(points, {3, 1, 1}, {0.1, 2, 1, 5}));
}

TEST(Cubic, leaves_nothing_of_a_cubic) {
  AxisPoints points;
  for (int i = 0; i < 12; ++i) {
    const double x = i;
    points.x.push_back(x);
    points.y.push_back(1 - x + 0.3 * x * x - 0.02 * x * x * x);
    points.weight.push_back(1 + i % 3);
  }
  EXPECT_NEAR(squares_left_by_cubic(points), 0, 1e-18);
  points.y[5] += 1;
  EXPECT_GT(squares_left_by_cubic(points), 0.3);
}

}  // namespace
}  // namespace grok
