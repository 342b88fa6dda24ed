#pragma once
// One change fitted to a stretch of a series by least squares.

#include <optional>
#include <vector>

#include "grok/analysis/transition.h"

namespace grok {

/// Records on an axis: x rises strictly; weights are above 0.
struct AxisPoints {
  std::vector<double> x, y, weight;
  std::size_t size() const { return x.size(); }
};

/// A change from one straight line to another,
///
///   y(x) = (1 - F(x)) (level_before + slope_before z) + F(x) (level_after + slope_after z),
///
/// z = x - centre. The lines are the drift on either side, which is no part of the change.
struct ChangeFit {
  Transition shape;
  double level_before = 0, slope_before = 0, level_after = 0, slope_after = 0;  // at the centre
  double squares = 0;       // weighted sum of squared residuals
  double change_error = 0;  // standard error of level_after - level_before, for independent noise

  double value(double x) const;
  double change() const { return level_after - level_before; }
};

/// One side of a change may be so many times as slow as the other: then the steepest step is where
/// between a fifth and four fifths of the drop are made.
inline constexpr double most_skew = 4;
/// The drift over the time from 10% to 90% of a change, as a share of the change.
inline constexpr double most_drift = 0.5;
/// How far the levels at the centre, to which the drift leads, may lie beyond the records, as a
/// share of their range.
inline constexpr double most_overshoot = 0.15;

/// What the fit may do.
struct FitLimits {
  double least_scale = 0, largest_scale = 1;
  double first_centre = 0, last_centre = 0;
};

/// The nearest change to the points, from `start` on: Levenberg and Marquardt's steps. None if
/// there are fewer points than parameters, or the start has no fit.
///   cost   some tens of passes over the points
std::optional<ChangeFit> fit_change(const AxisPoints& points, const Transition& start,
                                    const FitLimits& limits);

/// The same from a fit that is near already: `n_steps` steps, without the standard error.
std::optional<ChangeFit> refit_change(const AxisPoints& points, const ChangeFit& start,
                                      const FitLimits& limits, int n_steps);

/// How far each point draws the fit to itself, 0 to 1: the diagonal of the hat matrix of the
/// linearized problem. Empty if the fit is not determined.
std::vector<double> leverages(const AxisPoints& points, const ChangeFit& fit);

/// The weighted sum of squares that the best cubic leaves: what a smooth curve of as many linear
/// parameters can do.
double squares_left_by_cubic(const AxisPoints& points);

}  // namespace grok
