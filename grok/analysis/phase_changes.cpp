#include "grok/analysis/phase_changes.h"

#include <algorithm>
#include <cmath>

#include "grok/analysis/change_interval.h"
#include "grok/analysis/change_scan.h"
#include "grok/base/error.h"

namespace grok {

PhaseChanges phase_changes(const Series& series, const ChangeOptions& options) {
  PhaseChanges out;
  out.spikes = find_spikes(series);
  AxisPoints points;
  std::size_t spike = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    double y = series.values[i];
    if (!std::isfinite(y)) continue;
    while (spike < out.spikes.size() && out.spikes[spike].to < series.steps[i]) ++spike;
    if (spike < out.spikes.size() && out.spikes[spike].from <= series.steps[i]) continue;
    if (options.scale == ValueScale::logarithmic) {
      if (!(y > 0)) continue;
      y = std::log(y);
    }
    points.x.push_back(coordinate(options.axis, static_cast<double>(series.steps[i])));
    points.y.push_back(y);
    points.weight.push_back(1);
  }
  out.n_records = points.size();
  for (const FoundChange& f : scan_for_changes(points, options)) {
    out.changes.push_back(with_intervals(f, options));
  }
  return out;
}

}  // namespace grok
