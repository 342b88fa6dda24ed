#pragma once
// Where a series may change: the stretches that a change explains better than a smooth curve.

#include <vector>

#include "grok/analysis/phase_changes.h"
#include "grok/analysis/transition_fit.h"

namespace grok {

/// The axis: its coordinate of a step count, and back. Counts begin at 1 for step 0, so that its
/// logarithm has a place.
double coordinate(StepAxis axis, double step);
double step_at(StepAxis axis, double x);
/// The coordinate of the step count that is `factor` times as large.
double times(StepAxis axis, double x, double factor);

/// A change fitted to the records about it.
struct FoundChange {
  ChangeFit fit;
  AxisPoints points;  // to which it was fitted
  FitLimits limits;
  double last = 0;     // of the whole series: where its records end
  double gain = 0;     // log likelihood over that of a cubic, for independent noise of unknown size
  double clarity = 0;  // |change| over its standard error

  double onset() const { return fit.shape.at(0.1); }
  double end() const { return fit.shape.at(0.9); }
};

/// Changes that do not overlap, by coordinate, that pass every test of `options`.
std::vector<FoundChange> scan_for_changes(const AxisPoints& points, const ChangeOptions& options);

/// The largest share of the progress within a factor of 1.5 of the step count.
double sharpness_of(const Transition& shape, StepAxis axis);

}  // namespace grok
