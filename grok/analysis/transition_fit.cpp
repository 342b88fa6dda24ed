#include "grok/analysis/transition_fit.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "grok/analysis/normal_equations.h"

namespace grok {
namespace {

// Shape first: centre, logarithm of both scales at once, and of the first against the second; then
// the two lines.
constexpr std::size_t n_unknowns = 7;
constexpr double enough = 1e-5;  // share by which the squares fall at the last step
constexpr int most_steps = 30;
constexpr double firm = 1e6;  // weight of what is not free, against the records'
using Unknowns = std::array<double, n_unknowns>;
using Equations = NormalEquations<n_unknowns>;

double squares_of(const AxisPoints& points, const ChangeFit& fit) {
  double sum = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double r = points.y[i] - fit.value(points.x[i]);
    sum += points.weight[i] * r * r;
  }
  return sum;
}

using LineEquations = NormalEquations<4>;
using Lines = std::array<double, 4>;  // level and slope before, level and slope after

Lines line_row(const Transition& shape, double x) {
  const double f = shape.progress(x), z = x - shape.centre;
  return {1 - f, (1 - f) * z, f, f * z};
}

LineEquations line_equations(const AxisPoints& points, const Transition& shape) {
  LineEquations out;
  for (std::size_t i = 0; i < points.size(); ++i)
    out.add(line_row(shape, points.x[i]), points.y[i], points.weight[i]);
  return out;
}

// The nearest lines that are allowed: levels little beyond those that the records have, not below
// 0 if none of them is, nor above 1 if they are shares that come to it, and a drift that over the
// time of the change makes at most half of it.
Lines allowed(Lines lines, const AxisPoints& points, const Transition& shape) {
  const auto [least, largest] = std::minmax_element(points.y.begin(), points.y.end());
  const double margin = most_overshoot * (*largest - *least);
  const double low = *least >= 0 ? std::max(0.0, *least - margin) : *least - margin;
  const double high = *least >= 0 && *largest == 1 ? 1 : *largest + margin;
  for (const std::size_t level : {0u, 2u}) lines[level] = std::clamp(lines[level], low, high);
  const double most = most_drift * std::abs(lines[2] - lines[0]) / (shape.at(0.9) - shape.at(0.1));
  for (const std::size_t slope : {1u, 3u}) lines[slope] = std::clamp(lines[slope], -most, most);
  return lines;
}

// The lines that suit a given shape best. False if the points do not determine them.
bool fit_lines(const AxisPoints& points, ChangeFit& fit) {
  LineEquations equations = line_equations(points, fit.shape);
  std::optional<Lines> lines = equations.solve(1e-12);
  if (!lines) return false;
  const Lines bounds = allowed(*lines, points, fit.shape);
  if (bounds != *lines) {
    const double weight = firm * static_cast<double>(points.size());
    for (std::size_t k = 0; k < 4; ++k) {
      if (bounds[k] == (*lines)[k]) continue;
      Lines row{};
      row[k] = 1;
      equations.add(row, bounds[k], weight);
    }
    lines = equations.solve(1e-12);
    if (!lines) return false;
    *lines = allowed(*lines, points, fit.shape);
  }
  fit.level_before = (*lines)[0];
  fit.slope_before = (*lines)[1];
  fit.level_after = (*lines)[2];
  fit.slope_after = (*lines)[3];
  fit.squares = squares_of(points, fit);
  return std::isfinite(fit.squares);
}

// Derivatives of the curve at x by the unknowns.
Unknowns jacobian_row(const ChangeFit& fit, double x) {
  const double z = x - fit.shape.centre, f = fit.shape.progress(x);
  const double gap = fit.change() + (fit.slope_after - fit.slope_before) * z;
  const double drift = (1 - f) * fit.slope_before + f * fit.slope_after;
  const TransitionGradient g = gradient(fit.shape, x);
  const double before = g.before * fit.shape.before, after = g.after * fit.shape.after;
  const Lines lines = line_row(fit.shape, x);
  return {gap * g.centre - drift,
          gap * (before + after),
          gap * (before - after),
          lines[0],
          lines[1],
          lines[2],
          lines[3]};
}

Equations linearized(const AxisPoints& points, const ChangeFit& fit) {
  Equations out;
  for (std::size_t i = 0; i < points.size(); ++i)
    out.add(jacobian_row(fit, points.x[i]), points.y[i] - fit.value(points.x[i]), points.weight[i]);
  return out;
}

Transition moved(const Transition& shape, const Unknowns& by, const FitLimits& limits) {
  const double mean =
      std::sqrt(shape.before * shape.after) * std::exp(std::clamp(by[1], -1.0, 1.0));
  const double ratio =
      std::sqrt(shape.before / shape.after) * std::exp(std::clamp(by[2], -1.0, 1.0));
  const double most = std::sqrt(most_skew);
  const double scale = std::clamp(mean, limits.least_scale, limits.largest_scale);
  const double skew = std::clamp(ratio, 1 / most, most);
  return {std::clamp(shape.centre + by[0], limits.first_centre, limits.last_centre), scale * skew,
          scale / skew};
}

// Steps until the squares fall no more.
void descend(const AxisPoints& points, const FitLimits& limits, int n_steps, ChangeFit& fit) {
  double damping = 1e-3;
  for (int step = 0; step < n_steps; ++step) {
    const Equations equations = linearized(points, fit);
    bool is_better = false;
    const double before = fit.squares;
    for (int attempt = 0; attempt < 8 && !is_better; ++attempt) {
      const auto by = equations.solve(damping);
      if (by) {
        ChangeFit next{.shape = moved(fit.shape, *by, limits)};
        if (fit_lines(points, next) && next.squares < fit.squares) {
          fit = next;
          is_better = true;
        }
      }
      damping = is_better ? std::max(damping / 5, 1e-9) : damping * 6;
    }
    if (!is_better || before - fit.squares <= enough * before) return;
  }
}

bool is_determined(const AxisPoints& points) { return points.size() > n_unknowns; }

}  // namespace

double ChangeFit::value(double x) const {
  const double f = shape.progress(x), z = x - shape.centre;
  return (1 - f) * (level_before + slope_before * z) + f * (level_after + slope_after * z);
}

std::optional<ChangeFit> fit_change(const AxisPoints& points, const Transition& start,
                                    const FitLimits& limits) {
  if (!is_determined(points)) return std::nullopt;
  ChangeFit fit{.shape = start};
  fit.shape = moved(fit.shape, {}, limits);
  if (!fit_lines(points, fit)) return std::nullopt;
  descend(points, limits, most_steps, fit);
  // In terms of the level before and of the change.
  LineEquations lines;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Lines row = line_row(fit.shape, points.x[i]);
    lines.add({1, row[1], row[2], row[3]}, 0, points.weight[i]);
  }
  const auto variance = lines.quadratic({0, 0, 1, 0});
  if (!variance) return std::nullopt;
  const double freedom = static_cast<double>(points.size() - n_unknowns);
  fit.change_error = std::sqrt(*variance * fit.squares / freedom);
  return fit;
}

std::optional<ChangeFit> refit_change(const AxisPoints& points, const ChangeFit& start,
                                      const FitLimits& limits, int n_steps) {
  if (!is_determined(points)) return std::nullopt;
  ChangeFit fit = start;
  if (!fit_lines(points, fit)) return std::nullopt;
  descend(points, limits, n_steps, fit);
  return fit;
}

std::vector<double> leverages(const AxisPoints& points, const ChangeFit& fit) {
  const Equations equations = linearized(points, fit);
  std::vector<double> out;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto share = equations.quadratic(jacobian_row(fit, points.x[i]));
    if (!share) return {};
    out.push_back(points.weight[i] * *share);
  }
  return out;
}

double squares_left_by_cubic(const AxisPoints& points) {
  NormalEquations<4> equations;
  if (points.size() < 4) return 0;
  const double middle = (points.x.front() + points.x.back()) / 2;
  const double half = (points.x.back() - points.x.front()) / 2;
  const auto row = [&](double x) {
    const double z = (x - middle) / half;
    return std::array<double, 4>{1, z, z * z, z * z * z};
  };
  for (std::size_t i = 0; i < points.size(); ++i)
    equations.add(row(points.x[i]), points.y[i], points.weight[i]);
  const auto solution = equations.solve();
  if (!solution) return 0;  // it may explain all: then nothing is gained by a change
  double sum = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    double r = points.y[i];
    for (std::size_t k = 0; k < 4; ++k) r -= (*solution)[k] * row(points.x[i])[k];
    sum += points.weight[i] * r * r;
  }
  return sum;
}

}  // namespace grok
