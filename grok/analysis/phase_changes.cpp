#include "grok/analysis/phase_changes.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "grok/analysis/change_interval.h"
#include "grok/analysis/change_scan.h"
#include "grok/base/error.h"

namespace grok {
namespace {

void check(const Series& series, const ChangeOptions& options) {
  GROK_REQUIRE(series.steps.size() == series.values.size(), "as many values as steps");
  const auto falling = std::adjacent_find(series.steps.begin(), series.steps.end(),
                                          std::greater_equal<std::int64_t>());
  GROK_REQUIRE(falling == series.steps.end() && (series.empty() || series.steps.front() >= 0),
               "steps that rise from 0 or more");
  GROK_REQUIRE(options.n_resamples >= 0 && options.confidence > 0 && options.confidence < 1,
               "a number of resamples or a confidence out of range");
}

}  // namespace

PhaseChanges phase_changes(const Series& series, const ChangeOptions& options) {
  check(series, options);
  PhaseChanges out;
  out.spikes = find_spikes(series);
  AxisPoints points;
  auto spike = out.spikes.begin();
  for (std::size_t i = 0; i < series.size(); ++i) {
    const std::int64_t step = series.steps[i];
    const double value = series.values[i];
    const bool is_logarithmic = options.scale == ValueScale::logarithmic;
    if (!std::isfinite(value) || (is_logarithmic && !(value > 0))) continue;
    ++out.n_records;
    while (spike != out.spikes.end() && spike->to < step) ++spike;
    if (spike != out.spikes.end() && spike->from <= step) continue;
    points.x.push_back(coordinate(options.axis, static_cast<double>(step)));
    points.y.push_back(is_logarithmic ? std::log(value) : value);
    points.weight.push_back(1);
  }
  for (const FoundChange& found : scan_for_changes(points, options))
    out.changes.push_back(with_intervals(found, options));
  return out;
}

}  // namespace grok
