#include "grok/lab/reproduction.h"

#include <algorithm>

#include "grok/lab/curves.h"
#include "grok/spec/stop_rule.h"

namespace grok {
namespace {

using Kind = Expectation::Kind;

// The metric over time; of an array the number that the expectation means. When something first
// held must not depend on where somebody has looked closer since; what a value is does not.
std::vector<MetricPoint> points_of(const RunFile& file, const std::string& name,
                                   const Expectation& e) {
  const bool with_replayed = e.kind != Kind::first_step;
  if (!e.index) return with_replayed ? file.metric(name) : recorded_points(file, name);
  std::vector<MetricPoint> out;
  for (const ArrayPoint& point : file.array_metric(name))
    if ((with_replayed || !point.is_replayed) && *e.index < point.values.shape.n_elements())
      out.push_back({point.step, point.values.data[static_cast<std::size_t>(*e.index)]});
  return out;
}

std::optional<double> first_step_of(const RunFile& file, const Expectation& e) {
  const StopRule rule = parse_stop_rule(e.metric).value();
  const auto step = first_holding(points_of(file, rule.metric, e), rule);
  return step ? std::optional(static_cast<double>(*step)) : std::nullopt;
}

}  // namespace

std::optional<double> find_expected(const RunFile& file, const Expectation& e) {
  if (e.kind == Kind::first_step) return first_step_of(file, e);
  const std::vector<MetricPoint> points = points_of(file, e.metric, e);
  if (points.empty()) return std::nullopt;
  const auto by_value = [](const MetricPoint& a, const MetricPoint& b) {
    return a.value < b.value;
  };
  if (e.kind == Kind::final) return points.back().value;
  if (e.kind == Kind::least) return std::ranges::min_element(points, by_value)->value;
  if (e.kind == Kind::most) return std::ranges::max_element(points, by_value)->value;
  for (const MetricPoint& point : points)
    if (point.step == e.at) return point.value;
  return std::nullopt;
}

std::vector<Finding> findings_in(const RunFile& file,
                                 const std::vector<Expectation>& expectations) {
  std::vector<Finding> out;
  for (const Expectation& e : expectations) out.push_back({e, find_expected(file, e)});
  return out;
}

bool Reproduction::is_complete() const {
  return (findings.empty() || is_finished) &&
         std::ranges::all_of(studies, &StudyResult::is_finished);
}

}  // namespace grok
