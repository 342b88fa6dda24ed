#include "grok/analysis/change_interval.h"

#include <algorithm>
#include <cmath>

#include "grok/base/rng.h"

namespace grok {
namespace {

constexpr int refit_steps = 10;
constexpr std::ptrdiff_t least_inside = 2;  // records between onset and end
constexpr double most_leverage = 0.9;
// For what the resampling holds fixed: the stretch about the change, and how many depend. Chosen so
// that the synthetic series of tests/support are covered as often as is said.
constexpr double widening = 1.1;
constexpr double noise_correlation = 1;  // over the root of their number: correlation by chance
constexpr std::size_t lags_in_block = 3;

std::vector<double> residuals(const FoundChange& found) {
  const AxisPoints& points = found.points;
  const std::vector<double> leverage = leverages(points, found.fit);
  std::vector<double> out;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double h = leverage.empty() ? 0 : std::min(leverage[i], most_leverage);
    out.push_back((points.y[i] - found.fit.value(points.x[i])) / (1 - h));
  }
  return out;
}

// How many neighbours are to be alike: 1 for independent noise, else three times the lag from which
// on correlations are as chance makes them, so that few of those that depend are parted.
std::size_t block_length(const AxisPoints& points, const std::vector<double>& residual) {
  const std::size_t n = residual.size();
  double squares = 0;
  std::vector<double> r;
  for (std::size_t i = 0; i < n; ++i) {
    r.push_back(residual[i] * std::sqrt(points.weight[i]));
    squares += r.back() * r.back();
  }
  const double chance = noise_correlation / std::sqrt(static_cast<double>(n));
  for (std::size_t lag = 1; lag < n / 8; ++lag) {
    double products = 0;
    for (std::size_t i = lag; i < n; ++i) products += r[i] * r[i - lag];
    if (!(products > chance * squares)) return lag == 1 ? 1 : std::min(lags_in_block * lag, n / 8);
  }
  return std::max<std::size_t>(n / 8, 1);
}

AxisPoints resampled(const FoundChange& found, const std::vector<double>& residual,
                     std::size_t block, const Rng& rng, std::size_t draw) {
  AxisPoints out = found.points;
  const std::size_t n = residual.size();
  const std::size_t n_blocks = n / block + 2;
  const std::size_t offset = draw % block;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t bits = rng.bits(draw * n_blocks + (i + offset) / block);
    out.y[i] = found.fit.value(out.x[i]) + ((bits & 1) != 0 ? residual[i] : -residual[i]);
  }
  return out;
}

struct Numbers {
  double onset, steepest, end, drop, sharpness;
};

Numbers numbers_of(const ChangeFit& fit, StepAxis axis) {
  return {step_at(axis, fit.shape.at(0.1)), step_at(axis, fit.shape.centre),
          step_at(axis, fit.shape.at(0.9)), -fit.change(), sharpness_of(fit.shape, axis)};
}

Estimate estimate(double value, std::vector<double> draws, double confidence) {
  if (draws.empty()) return {value, value, value};
  std::sort(draws.begin(), draws.end());
  const auto at = [&](double share) {
    const double place = share * static_cast<double>(draws.size() - 1);
    const auto i = static_cast<std::size_t>(place);
    const std::size_t next = std::min(i + 1, draws.size() - 1);
    return draws[i] + (place - static_cast<double>(i)) * (draws[next] - draws[i]);
  };
  const double tail = (1 - confidence) / 2;
  return {value, value - widening * std::max(value - at(tail), 0.0),
          value + widening * std::max(at(1 - tail) - value, 0.0)};
}

// Where the records are too far apart to show the change, all that is known is the gap that it is
// in.
void widen_to_gap(const FoundChange& found, StepAxis axis, PhaseChange& change) {
  const std::vector<double>& x = found.points.x;
  const auto first = std::upper_bound(x.begin(), x.end(), found.onset());
  const auto last = std::lower_bound(x.begin(), x.end(), found.end());
  if (last - first >= least_inside || first == x.begin() || last == x.end()) return;
  change.is_resolved = false;
  const double low = step_at(axis, *(first - 1)), high = step_at(axis, *last);
  const auto widen = [&](Estimate& e) {
    e.low = std::min(e.low, low);
    e.high = std::max(e.high, high);
  };
  widen(change.onset);
  widen(change.steepest);
  if (change.end) widen(*change.end);
}

}  // namespace

PhaseChange with_intervals(const FoundChange& found, const ChangeOptions& options) {
  const std::vector<double> residual = residuals(found);
  const std::size_t block = block_length(found.points, residual);
  const Rng rng(0, "phase_changes");
  std::vector<double> onset, steepest, end, drop, sharpness;
  for (int draw = 0; draw < options.n_resamples; ++draw) {
    const AxisPoints points =
        resampled(found, residual, block, rng, static_cast<std::size_t>(draw));
    const auto fit = refit_change(points, found.fit, found.limits, refit_steps);
    if (!fit) continue;
    const Numbers n = numbers_of(*fit, options.axis);
    onset.push_back(n.onset);
    steepest.push_back(n.steepest);
    end.push_back(n.end);
    drop.push_back(n.drop);
    sharpness.push_back(n.sharpness);
  }
  const Numbers n = numbers_of(found.fit, options.axis);
  const auto of = [&](double value, std::vector<double>& draws) {
    return estimate(value, std::move(draws), options.confidence);
  };
  PhaseChange out;
  out.onset = of(n.onset, onset);
  out.steepest = of(n.steepest, steepest);
  if (found.end() <= found.last) out.end = of(n.end, end);
  out.drop = of(n.drop, drop);
  out.sharpness = of(n.sharpness, sharpness);
  out.sharpness.low = std::max(out.sharpness.low, 0.0);
  out.sharpness.high = std::min(out.sharpness.high, 1.0);
  out.before = found.fit.level_before;
  out.after = found.fit.level_after;
  widen_to_gap(found, options.axis, out);
  return out;
}

}  // namespace grok
