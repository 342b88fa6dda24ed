#pragma once
// Phase changes of a recorded series: where it changes abruptly from one course to another.
// docs/phase_changes.md tells the definitions, the assumptions and where they fail.

#include <cstdint>
#include <optional>
#include <vector>

#include "grok/analysis/changepoint.h"
#include "grok/analysis/spikes.h"

namespace grok {

/// What the rate of a change is counted against.
enum class StepAxis { log_step, step };
enum class ValueScale { linear, logarithmic };

/// Window of the sharpness, as a factor of the step count.
inline constexpr double sharpness_factor = 1.5;
/// An exponential approach makes 14.8% of its way within a factor of 1.5 of the steps; a change
/// must make twice as much to be one.
inline constexpr double least_sharpness = 0.3;

struct ChangeOptions {
  StepAxis axis = StepAxis::log_step;
  /// Of the values that are looked at. logarithmic: values that are not above 0 are passed over.
  ValueScale scale = ValueScale::linear;
  double least_sharpness = grok::least_sharpness;
  double least_drop = 0.1;  // as a share of the series' range
  int n_resamples = 200;    // for the intervals
  double confidence = 0.9;  // of the intervals
};

/// A number with the interval that holds it with the confidence asked for.
struct Estimate {
  double value = 0, low = 0, high = 0;
};

/// A change, as the curve of docs/phase_changes.md that fits it best.
struct PhaseChange {
  Estimate onset;                // step at which 10% of the drop is made
  Estimate steepest;             // step at which it is fastest, per unit of the axis
  std::optional<Estimate> end;   // step at which 90% is made; none: not by the last step
  Estimate drop;                 // from before to after; below 0 for a rise
  double before = 0, after = 0;  // the levels, at the steepest step; logarithms where scale says
  Estimate sharpness;  // the largest share of the drop within a factor of 1.5 of the step count
  /// False if fewer than two records lie between onset and end: the intervals are then the gap
  /// between the records, and the change may be sharper than it seems.
  bool is_resolved = true;
};

struct PhaseChanges {
  std::vector<PhaseChange> changes;  // by step; empty: none
  std::vector<Spike> spikes;         // by step
  std::size_t n_records = 0;         // that were looked at
};

///   throws   ContractBroken if the steps do not rise or an option is out of its range
///   cost     some 20 ms, and as much again for each change, for up to 1,000 records
PhaseChanges phase_changes(const Series& series, const ChangeOptions& options = {});

}  // namespace grok
