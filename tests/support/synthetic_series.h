#pragma once
// Series whose changes are known, for tests of what finds changes: a change of any skewness between
// two drifts, and smooth curves without one, under four kinds of noise and three ways of recording.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "grok/analysis/phase_changes.h"
#include "grok/analysis/transition.h"
#include "grok/base/rng.h"

namespace grok {

struct SyntheticSeries {
  std::vector<std::int64_t> steps;
  std::vector<double> values;
  // What is true of the change, if there is one.
  double onset = 0, steepest = 0, end = 0, drop = 0, sharpness = 0;
  std::size_t noise_kind = 0;  // of noise_kinds

  Series series() const { return {steps, values}; }
};

/// Up to `n` steps from 0 to `last`, evenly spaced, evenly in their logarithm, or half and half.
inline std::vector<std::int64_t> record_steps(double last, int n, std::uint64_t kind) {
  std::vector<std::int64_t> out;
  const int m = kind == 2 ? n / 2 : n;
  for (int i = 0; i < m; ++i) {
    const double part = i / (m - 1.0);
    if (kind != 1) out.push_back(std::llround(last * part));
    if (kind != 0) out.push_back(std::llround(std::expm1(std::log1p(last) * part)));
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

inline constexpr std::array noise_kinds{"white", "correlated", "growing with the level",
                                        "heavy-tailed"};

/// Noise of about size 1: white, of correlation 0.6 from record to record, larger where the curve
/// is high, or with heavy tails (Student's t of three degrees of freedom).
class SyntheticNoise {
 public:
  SyntheticNoise(std::uint64_t draw, std::uint64_t kind)
      : kind_(kind),
        a_(draw, "noise a"),
        b_(draw, "noise b"),
        c_(draw, "noise c"),
        d_(draw, "noise d") {}

  /// In the order of the records; `height` of the curve from 0 to 1.
  double next(double height) {
    const std::uint64_t i = index_++;
    const double e = a_.normal(i);
    if (kind_ == 1) return last_ = 0.6 * last_ + 0.8 * e;
    if (kind_ == 2) return e * (0.4 + height);
    if (kind_ == 3) {
      const double x = b_.normal(i), y = c_.normal(i), z = d_.normal(i);
      return e / std::sqrt(x * x + y * y + z * z);
    }
    return e;
  }

 private:
  std::uint64_t kind_, index_ = 0;
  double last_ = 0;
  Rng a_, b_, c_, d_;
};

/// A fall or rise by 1 whose middle 80% take a factor of 1.15 to 3 of the steps, about a step from
/// 300 to 9,000, with noise of 1 to 10% of it, 60 to 600 records, and now and then two spikes.
inline SyntheticSeries series_with_change(std::uint64_t draw, StepAxis axis) {
  const Rng u(draw, "series_with_change");
  const double middle = 300 * std::pow(30.0, u.uniform(0));
  const double width = std::log(1.15 * std::pow(3 / 1.15, u.uniform(1)));
  const double skew = std::pow(3.0, 2 * u.uniform(2) - 1);
  // On the axis of log steps the count is 1 + step; on that of steps, scales grow with the step.
  const bool is_log = axis == StepAxis::log_step;
  const double unit = is_log ? 1 : middle;
  Transition shape{0, std::sqrt(skew), 1 / std::sqrt(skew)};
  const double by = width * unit / (shape.at(0.9) - shape.at(0.1));
  shape = {is_log ? std::log1p(middle) : middle, shape.before * by, shape.after * by};
  const auto x_of = [&](double step) { return is_log ? std::log1p(step) : step; };
  const auto step_of = [&](double x) { return is_log ? std::expm1(x) : x; };

  SyntheticSeries out{.steps = record_steps(middle * (4 + 6 * u.uniform(3)),
                                            static_cast<int>(60 * std::pow(10.0, u.uniform(4))),
                                            u.below(5, 3))};
  out.onset = step_of(shape.at(0.1));
  out.steepest = middle;
  out.end = step_of(shape.at(0.9));
  out.drop = u.uniform(6) < 0.7 ? 1 : -1;
  for (double step = middle / 20; step < 6 * middle; step *= 1.0005)
    out.sharpness =
        std::max(out.sharpness, shape.progress(x_of((step + 1) * sharpness_factor - 1)) -
                                    shape.progress(x_of(step)));
  const double drift = 0.1 * (2 * u.uniform(7) - 1);
  const double noise = 0.01 * std::pow(10.0, u.uniform(8));
  out.noise_kind = u.below(9, noise_kinds.size());
  SyntheticNoise draws(draw, out.noise_kind);
  for (const std::int64_t step : out.steps) {
    const double x = x_of(static_cast<double>(step)), f = shape.progress(x);
    out.values.push_back(2 - out.drop * f + drift * (x - shape.centre) / unit +
                         noise * draws.next(1 - f));
  }
  if (u.uniform(10) < 0.3)
    for (const std::uint64_t k : {11u, 12u}) out.values[2 + u.below(k, out.values.size() - 4)] += 3;
  return out;
}

/// A power law (1 + step / t0)^-b: t0 from 1 on, b from 0.1 to 3, noise of 0.1 to 10% of its range,
/// or, one time in ten, none.
inline SyntheticSeries power_law(std::uint64_t draw) {
  const Rng u(draw, "power_law");
  const double last = std::pow(10.0, 2.5 + 2.5 * u.uniform(0));
  const double b = 0.1 * std::pow(30.0, u.uniform(1));
  const double t0 = u.uniform(2) < 0.5 ? 1 : last * std::pow(10.0, -3 * u.uniform(3));
  const double noise = u.uniform(4) < 0.1 ? 0 : 0.001 * std::pow(100.0, u.uniform(5));
  SyntheticNoise draws(draw, u.below(6, 4));
  SyntheticSeries out{
      .steps =
          record_steps(last, static_cast<int>(60 * std::pow(10.0, u.uniform(7))), u.below(8, 3))};
  for (const std::int64_t step : out.steps) {
    const double height = std::pow(1 + static_cast<double>(step) / t0, -b);
    out.values.push_back(0.1 + height + noise * draws.next(height));
  }
  return out;
}

/// How often the intervals held the truth, and how often nothing was found.
struct Coverage {
  int n_found = 0, n_missed = 0;
  int onset = 0, steepest = 0, end = 0, drop = 0, sharpness = 0;

  void add(const PhaseChange* found, const SyntheticSeries& truth) {
    const auto holds = [](const Estimate& e, double value) {
      return e.low <= value && value <= e.high;
    };
    found ? ++n_found : ++n_missed;
    if (!found) return;
    onset += holds(found->onset, truth.onset);
    steepest += holds(found->steepest, truth.steepest);
    end += found->end && holds(*found->end, truth.end);
    drop += holds(found->drop, truth.drop);
    sharpness += holds(found->sharpness, truth.sharpness);
  }
};

struct Coverages {
  Coverage all;
  std::array<Coverage, noise_kinds.size()> of_noise;
};

/// The change that was made, as it was found: null if it was not. What else was found is counted by
/// the false alarms.
inline const PhaseChange* found_again(const PhaseChanges& found, const SyntheticSeries& truth) {
  const PhaseChange* out = nullptr;
  for (const PhaseChange& c : found.changes)
    if (c.steepest.value > truth.onset / 1.3 && c.steepest.value < truth.end * 1.3 &&
        (!out || std::abs(c.drop.value) > std::abs(out->drop.value)))
      out = &c;
  return out;
}

/// Of draws [first, first + n_draws). The detector's widening was chosen on those from 0 on.
inline Coverages coverage_of(int first, int n_draws, StepAxis axis) {
  Coverages out;
  ChangeOptions options;
  options.axis = axis;
  for (int draw = first; draw < first + n_draws; ++draw) {
    const SyntheticSeries s = series_with_change(static_cast<std::uint64_t>(draw), axis);
    const PhaseChanges changes = phase_changes(s.series(), options);
    const PhaseChange* found = found_again(changes, s);
    out.all.add(found, s);
    out.of_noise[s.noise_kind].add(found, s);
  }
  return out;
}

inline int false_alarms(int first, int n_draws, StepAxis axis) {
  int out = 0;
  ChangeOptions options;
  options.axis = axis;
  options.n_resamples = 0;  // what is found, not how surely
  for (int draw = first; draw < first + n_draws; ++draw)
    out += !phase_changes(power_law(static_cast<std::uint64_t>(draw)).series(), options)
                .changes.empty();
  return out;
}

}  // namespace grok
