#include "grok/lab/curves.h"

namespace grok {

std::vector<MetricPoint> recorded_points(const RunFile& file, std::string_view metric) {
  std::vector<MetricPoint> points = file.metric(metric);
  std::erase_if(points, [](const MetricPoint& point) { return point.is_replayed; });
  return points;
}

Curve curve_of(const RunFile& file, std::string_view metric) {
  Curve out;
  for (const MetricPoint& point : recorded_points(file, metric)) {
    out.steps.push_back(point.step);
    out.values.push_back(point.value);
  }
  return out;
}

Phases phases_of(const RunFile& file) {
  const Curve train_accuracy = curve_of(file, "train_accuracy");
  const Curve test_accuracy = curve_of(file, "test_accuracy");
  const Curve test_loss = curve_of(file, "test_loss");
  const Curve excluded_loss = curve_of(file, "excluded_loss_all_frequencies");
  Phases out = find_phases({train_accuracy.series(), test_accuracy.series(), test_loss.series(),
                            excluded_loss.series()});
  // What a fork had learnt when it began, its parent had learnt at a step that this file does not
  // know.
  const std::vector<Event> forks = file.events("fork");
  const std::int64_t first = forks.empty() ? -1 : forks.front().step;
  if (out.memorized_step == first) out = {.grok_step = out.grok_step};
  if (out.grok_step == first) out.grok_step.reset();
  return out;
}

std::optional<std::int64_t> first_holding(std::span<const MetricPoint> points,
                                          const StopRule& rule) {
  for (const MetricPoint& point : points)
    if (rule.holds(point.value)) return point.step;
  return std::nullopt;
}

std::vector<PhaseSpan> phase_spans(const Phases& phases, std::int64_t first_step) {
  if (!phases.memorized_step) return {};
  if (!phases.memorization_end && phases.grok_step) return {};
  std::vector<PhaseSpan> out{{"memorization", first_step, phases.memorization_end}};
  if (phases.memorization_end)
    out.push_back({"circuit_formation", *phases.memorization_end, phases.circuit_formation_end});
  if (phases.circuit_formation_end)
    out.push_back({"cleanup", *phases.circuit_formation_end, phases.cleanup_end});
  return out;
}

}  // namespace grok
