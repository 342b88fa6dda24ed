#pragma once
// Recorded metrics as curves, and the phases that are read from them.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "grok/analysis/phases.h"
#include "grok/spec/stop_rule.h"
#include "grok/store/run_file.h"

namespace grok {

/// A metric as the run recorded it in passing. What was replayed later is left out, so that what is
/// read from a run's curves does not depend on where somebody has looked closer since.
std::vector<MetricPoint> recorded_points(const RunFile& file, std::string_view metric);

/// A metric over time, as arrays that analysis can look at.
struct Curve {
  std::vector<std::int64_t> steps;
  std::vector<double> values;

  Series series() const { return {steps, values}; }
};

/// Empty if nothing of that name was recorded.
Curve curve_of(const RunFile& file, std::string_view metric);

/// The first step at which the rule holds of a value; none if it never does.
std::optional<std::int64_t> first_holding(std::span<const MetricPoint> points,
                                          const StopRule& rule);

/// The phases, from what the file holds so far; of a run that has not ended they are provisional.
Phases phases_of(const RunFile& file);

/// One of the three phases: from the step at which it begins to the one at which it ends, or none
/// if it has not ended.
struct PhaseSpan {
  std::string_view name;  // "memorization", "circuit_formation", "cleanup"
  std::int64_t from = 0;
  std::optional<std::int64_t> to;
};

/// The phases that the run has entered. Empty before it memorizes, and for a run that groks as it
/// memorizes.
///   first_step   where the run begins: past 0 if it was forked
std::vector<PhaseSpan> phase_spans(const Phases& phases, std::int64_t first_step = 0);

}  // namespace grok
