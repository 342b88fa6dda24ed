#pragma once
// The shape of one change: progress from 0 to 1 that is steepest at its centre and approaches each
// end at a rate of its own.

#include <functional>

namespace grok {

/// Half of a logistic curve on each side of the centre, with scales of its own. Slope and curvature
/// have no break at the centre: with G the logistic function, x the distance from the centre,
///
///   x <= 0   F = 2 before / (before + after) G(x / before)
///   x >= 0   F = 1 - 2 after / (before + after) G(-x / after)
///
/// With equal scales it is the logistic curve itself.
struct Transition {
  double centre = 0;
  double before = 1;  // scale of the side below the centre; above 0
  double after = 1;   // and of the side above it

  double progress(double x) const;
  /// dF/dx, greatest at the centre.
  double rate(double x) const;
  /// Where the progress is `share`, in (0, 1).
  double at(double share) const;
};

/// Derivatives of the progress at x.
struct TransitionGradient {
  double centre = 0, before = 0, after = 0;
};
TransitionGradient gradient(const Transition& shape, double x);

/// The greatest share of the progress that lies in one window [x, end_of(x)].
///   end_of   rises, end_of(x) > x
///   first    the least x to look at
double largest_share(const Transition& shape, const std::function<double(double)>& end_of,
                     double first);

}  // namespace grok
