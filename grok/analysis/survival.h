#pragma once
// Times to an event over many runs, of which some end before it happens: those are censored, and
// say "not by step N".

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace grok {

/// One run: the step of the event, or the last step by which it had not happened.
struct Lifetime {
  std::int64_t step = 0;
  bool is_censored = false;
};

/// The share of runs that have not had the event yet, which falls at the steps of events.
struct SurvivalCurve {
  std::vector<std::int64_t> steps;  // of events, rising
  std::vector<double> survival;     // after each
  /// Greenwood's sum: the variance of the survival is survival^2 times this. Infinite after the
  /// last event if it leaves no run.
  std::vector<double> greenwood;
  std::vector<std::int64_t> at_risk;  // runs just before each
};

/// The product-limit estimate. A run that is censored at the step of an event counts as at risk
/// there.
///   source   Kaplan and Meier 1958; Greenwood 1926
SurvivalCurve kaplan_meier(std::span<const Lifetime> runs);

/// A quantile of the time to the event. None where the runs do not tell: so few have had the event.
struct SurvivalQuantile {
  std::optional<double> step;
  std::optional<std::int64_t> low, high;  // none: not below, not above any recorded step
};

/// The step by which `share` of the runs have had the event: the first at which at most 1 - share
/// have not; where the curve is level at just that height, the middle of that stretch, as with the
/// median of an even number. Its interval holds the steps t at which the hypothesis that survival
/// there is 1 - share is not rejected, on the scale of log(-log), which keeps to 0..1. So few runs
/// that chance alone might keep them all before, or all behind, the quantile give no end on that
/// side: fewer than five for a median at 90%.
///   share        in (0, 1)
///   confidence   in (0, 1)
///   source       Brookmeyer and Crowley 1982; the scale: Kalbfleisch and Prentice 1980
SurvivalQuantile survival_quantile(const SurvivalCurve& curve, double share, double confidence);

/// Whether two groups of runs differ in when they have the event.
struct LogRank {
  double observed_a = 0, expected_a = 0;  // events in the first group; the second has the rest
  double observed_b = 0, expected_b = 0;
  double chi_squared = 0;  // with one degree of freedom
  double p_value = 1;
};

/// The log-rank test: at each event, what would be expected in each group if both had the same
/// chance. None if no event tells: there are none, or only one group is ever at risk.
///   source   Mantel 1966; the p-value is the normal approximation's
std::optional<LogRank> log_rank(std::span<const Lifetime> a, std::span<const Lifetime> b);

/// The same test, with the p-value as the share of relabellings of the runs whose statistic is at
/// least as large: exact up to chance whatever the number of runs. Runs swap groups `n_draws`
/// times; the labels given count as one of them.
///   returns  in (0, 1]; none where log_rank gives none
std::optional<double> log_rank_permutation(std::span<const Lifetime> a, std::span<const Lifetime> b,
                                           int n_draws);

/// The ratio of the median step counts (steps + 1, as on the logarithmic axis), b over a, with an
/// interval from resampling the runs of each group.
struct MedianRatio {
  double ratio = 1;
  std::optional<double> low, high;  // none: unbounded, more than the tail has no median
};
/// None unless both groups have a median.
std::optional<MedianRatio> median_ratio(std::span<const Lifetime> a, std::span<const Lifetime> b,
                                        double confidence, int n_resamples);

}  // namespace grok
