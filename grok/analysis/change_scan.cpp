#include "grok/analysis/change_scan.h"

#include <algorithm>
#include <cmath>

namespace grok {
namespace {

constexpr std::size_t most_scan_points = 1000;  // of the whole series
constexpr std::size_t most_fit_points = 160;    // of the stretch about one change
constexpr double half_window = 8;               // in scales of the change
constexpr std::size_t most_window_points = 64;  // while candidates are sought
constexpr std::size_t least_beside = 6;         // records of a stretch on each side
constexpr std::size_t least_before_onset = 3, least_after_centre = 3;
constexpr double finest = 0.006, coarsest = 0.5;  // scales, as shares of the step count
constexpr double scale_ratio = 1.5;
constexpr double least_scan_gain = 4, least_gain = 5;
constexpr double least_clarity = 6;
constexpr double drift_ratio = 2;  // the change is at least so much faster than the drift
constexpr std::size_t most_candidates = 60;
constexpr double finest_change = 1e-3;  // of the range: what is smaller is as good as noise
constexpr double rounding = 1e-9;       // of a series that is constant
// Residuals that are more alike than this are not noise but a curve that is not quite the fit's.
constexpr double most_correlation = 0.6;
constexpr int n_rounds = 4;

struct Stretch {
  double from = 0, to = 0;
};

// Means over equal parts of the axis if there are more records than `most`; the weight grows as the
// root of the number of records, between noise (which it would suit to grow as the number) and
// shape (which asks for none).
AxisPoints binned(const AxisPoints& all, const Stretch& stretch, std::size_t most) {
  const auto begin = static_cast<std::size_t>(
      std::lower_bound(all.x.begin(), all.x.end(), stretch.from) - all.x.begin());
  const auto end = static_cast<std::size_t>(
      std::upper_bound(all.x.begin(), all.x.end(), stretch.to) - all.x.begin());
  AxisPoints out;
  if (begin >= end) return out;
  if (end - begin <= most) {
    for (std::size_t i = begin; i < end; ++i) {
      out.x.push_back(all.x[i]);
      out.y.push_back(all.y[i]);
      out.weight.push_back(1);
    }
    return out;
  }
  const double width = (all.x[end - 1] - all.x[begin]) / static_cast<double>(most);
  for (std::size_t i = begin; i < end;) {
    const double limit = all.x[begin] + width * (std::floor((all.x[i] - all.x[begin]) / width) + 1);
    double x = 0, y = 0;
    std::size_t n = 0;
    for (; i < end && (n == 0 || all.x[i] < limit); ++i, ++n) {
      x += all.x[i];
      y += all.y[i];
    }
    const auto count = static_cast<double>(n);
    out.x.push_back(x / count);
    out.y.push_back(y / count);
    out.weight.push_back(std::sqrt(count));
  }
  return out;
}

// The stretch about a centre: so far on each side, but no fewer than some records.
Stretch stretch_about(const AxisPoints& all, double centre, double half, const Stretch& within) {
  const auto at = static_cast<std::size_t>(std::lower_bound(all.x.begin(), all.x.end(), centre) -
                                           all.x.begin());
  const std::size_t first = at < least_beside ? 0 : at - least_beside;
  const std::size_t last = std::min(all.size() - 1, at + least_beside - 1);
  return {std::max(within.from, std::min(centre - half, all.x[first])),
          std::min(within.to, std::max(centre + half, all.x[last]))};
}

double scale_at(StepAxis axis, double x, double share) {
  return axis == StepAxis::log_step ? share : share * x;
}

FitLimits limits_for(const AxisPoints& points, StepAxis axis, double centre) {
  FitLimits out;
  double gap = points.x.back() - points.x.front();
  for (std::size_t i = 1; i < points.size(); ++i)
    gap = std::min(gap, points.x[i] - points.x[i - 1]);
  out.largest_scale = scale_at(axis, centre, coarsest);
  out.least_scale = std::min(gap / 8, out.largest_scale);
  out.first_centre = points.x[2];
  out.last_centre = points.x[points.size() - 3];
  return out;
}

double range_of(const AxisPoints& points) {
  const auto [low, high] = std::minmax_element(points.y.begin(), points.y.end());
  return *high - *low;
}

// What is smaller than `resolution` counts as noise, so that the rounding of a constant is nothing.
double gain_of(const AxisPoints& points, double squares, double resolution) {
  double floor = 0;
  for (const double w : points.weight) floor += w * resolution * resolution;
  return 0.5 * static_cast<double>(points.size()) *
         std::log((squares_left_by_cubic(points) + floor) / (squares + floor));
}

// By how much fewer the independent residuals are than the residuals.
double dependence(const AxisPoints& points, const ChangeFit& fit) {
  double squares = 0, products = 0, last = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double r = std::sqrt(points.weight[i]) * (points.y[i] - fit.value(points.x[i]));
    squares += r * r;
    if (i > 0) products += r * last;
    last = r;
  }
  if (!(squares > 0)) return 1;
  const double rho = std::clamp(products / squares, 0.0, most_correlation);
  return (1 + rho) / (1 - rho);
}

struct Candidate {
  double centre = 0, scale = 0, gain = 0;
};

// What a change of that shape would gain, with only its lines fitted.
double scan_gain(const AxisPoints& points, const Transition& shape, double resolution) {
  if (points.size() < 9) return 0;
  FitLimits limits{.least_scale = shape.before,
                   .largest_scale = shape.before,
                   .first_centre = shape.centre,
                   .last_centre = shape.centre};
  const auto fit = refit_change(points, {.shape = shape}, limits, 0);
  return fit ? gain_of(points, fit->squares, resolution) : 0;
}

std::vector<Candidate> candidates(const AxisPoints& all, StepAxis axis) {
  const Stretch whole{all.x.front(), all.x.back()};
  const double resolution = finest_change * range_of(all);
  const AxisPoints points = binned(all, whole, most_scan_points);
  const auto log_of = [&](double x) { return axis == StepAxis::log_step ? x : std::log(x); };
  std::vector<Candidate> out;
  for (double share = finest; share <= coarsest; share *= scale_ratio) {
    std::vector<Candidate> row;
    for (double l = log_of(whole.from); l < log_of(whole.to); l += share) {
      const double x = axis == StepAxis::log_step ? l : std::exp(l);
      const double scale = scale_at(axis, x, share);
      const AxisPoints near =
          binned(points, stretch_about(points, x, half_window * scale, whole), most_window_points);
      row.push_back({x, scale, scan_gain(near, {x, scale, scale}, resolution)});
    }
    for (std::size_t i = 0; i < row.size(); ++i) {
      const double before = i > 0 ? row[i - 1].gain : 0;
      const double after = i + 1 < row.size() ? row[i + 1].gain : 0;
      if (row[i].gain >= least_scan_gain && row[i].gain >= before && row[i].gain > after)
        out.push_back(row[i]);
    }
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Candidate& a, const Candidate& b) { return a.gain > b.gain; });
  if (out.size() > most_candidates) out.resize(most_candidates);
  return out;
}

// A candidate that would come to the same fit.
bool is_like(const Candidate& candidate, const Transition& shape) {
  const double scale = (shape.before + shape.after) / 2;
  return std::abs(candidate.centre - shape.centre) < 1.5 * scale && candidate.scale < 2.5 * scale &&
         candidate.scale > scale / 2.5;
}

std::optional<FoundChange> fitted(const AxisPoints& all, StepAxis axis, Transition shape,
                                  const Stretch& within) {
  std::optional<FoundChange> out;
  for (int round = 0; round < n_rounds; ++round) {
    const double half = half_window * (shape.before + shape.after) / 2;
    AxisPoints points =
        binned(all, stretch_about(all, shape.centre, half, within), most_fit_points);
    if (points.size() < 9) return std::nullopt;
    const FitLimits limits = limits_for(points, axis, shape.centre);
    const auto fit = fit_change(points, shape, limits);
    if (!fit) return std::nullopt;
    const double old = half;
    shape = fit->shape;
    out = FoundChange{.fit = *fit, .points = std::move(points), .limits = limits};
    const double next = half_window * (shape.before + shape.after) / 2;
    if (std::abs(next - old) < 0.05 * old) break;
  }
  const double alike = dependence(out->points, out->fit), range = range_of(all);
  out->last = all.x.back();
  out->gain = gain_of(out->points, out->fit.squares, finest_change * range) / alike;
  out->clarity = std::abs(out->fit.change()) /
                 std::max(out->fit.change_error * std::sqrt(alike), rounding * range);
  return out;
}

bool is_change(const FoundChange& found, const AxisPoints& all, double range,
               const ChangeOptions& options) {
  const ChangeFit& fit = found.fit;
  const auto n_before = std::lower_bound(all.x.begin(), all.x.end(), found.onset()) - all.x.begin();
  const auto n_after = all.x.end() - std::upper_bound(all.x.begin(), all.x.end(), fit.shape.centre);
  const double drift = std::max(std::abs(fit.slope_before), std::abs(fit.slope_after));
  const double peak = std::abs(fit.change()) * fit.shape.rate(fit.shape.centre);
  const double sharp = sharpness_of(fit.shape, options.axis);
  return n_before >= static_cast<std::ptrdiff_t>(least_before_onset) &&
         n_after >= static_cast<std::ptrdiff_t>(least_after_centre) &&
         std::abs(fit.change()) >= options.least_drop * range && peak >= drift_ratio * drift &&
         found.gain >= least_gain && found.clarity >= least_clarity &&
         sharp >= options.least_sharpness;
}

bool overlap(const FoundChange& a, const FoundChange& b) {
  return a.onset() < b.end() && b.onset() < a.end();
}

}  // namespace

double coordinate(StepAxis axis, double step) {
  return axis == StepAxis::log_step ? std::log1p(step) : step + 1;
}

double step_at(StepAxis axis, double x) {
  return axis == StepAxis::log_step ? std::expm1(x) : x - 1;
}

double times(StepAxis axis, double x, double factor) {
  return axis == StepAxis::log_step ? x + std::log(factor) : x * factor;
}

double sharpness_of(const Transition& shape, StepAxis axis) {
  const double first = axis == StepAxis::log_step
                           ? shape.centre - std::log(sharpness_factor) - 3 * shape.before
                           : std::max(1.0, shape.centre / sharpness_factor);
  return largest_share(
      shape, [axis](double x) { return times(axis, x, sharpness_factor); }, first);
}

std::vector<FoundChange> scan_for_changes(const AxisPoints& all, const ChangeOptions& options) {
  if (all.size() < 9) return {};
  const double range = range_of(all);
  double largest = 0;
  for (const double y : all.y) largest = std::max(largest, std::abs(y));
  if (!(range > rounding * largest)) return {};
  const Stretch whole{all.x.front(), all.x.back()};
  std::vector<FoundChange> found;
  std::vector<Transition> seen;
  for (const Candidate& c : candidates(all, options.axis)) {
    if (std::any_of(seen.begin(), seen.end(), [&](const Transition& t) { return is_like(c, t); }))
      continue;
    auto one = fitted(all, options.axis, {c.centre, c.scale, c.scale}, whole);
    if (!one || !is_change(*one, all, range, options)) continue;
    seen.push_back(one->fit.shape);
    found.push_back(std::move(*one));
  }
  std::stable_sort(found.begin(), found.end(), [](const FoundChange& a, const FoundChange& b) {
    return a.clarity > b.clarity;
  });
  std::vector<FoundChange> chosen;
  for (FoundChange& one : found)
    if (std::none_of(chosen.begin(), chosen.end(),
                     [&](const FoundChange& other) { return overlap(one, other); }))
      chosen.push_back(std::move(one));
  std::sort(chosen.begin(), chosen.end(), [](const FoundChange& a, const FoundChange& b) {
    return a.fit.shape.centre < b.fit.shape.centre;
  });
  // Once more, each without its neighbours.
  for (int round = 0; round < 2; ++round)
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      const Stretch within{i > 0 ? chosen[i - 1].end() : whole.from,
                           i + 1 < chosen.size() ? chosen[i + 1].onset() : whole.to};
      auto again = fitted(all, options.axis, chosen[i].fit.shape, within);
      const bool is_apart = again && (i == 0 || !overlap(*again, chosen[i - 1])) &&
                            (i + 1 == chosen.size() || !overlap(*again, chosen[i + 1]));
      if (is_apart && is_change(*again, all, range, options)) chosen[i] = std::move(*again);
    }
  return chosen;
}

}  // namespace grok
