#include "grok/analysis/survival.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "grok/base/error.h"
#include "grok/base/rng.h"

namespace grok {
namespace {

std::vector<Lifetime> by_step(std::span<const Lifetime> runs) {
  std::vector<Lifetime> out;
  out.reserve(runs.size());
  for (const Lifetime& run : runs) out.push_back(run);
  std::stable_sort(out.begin(), out.end(),
                   [](const Lifetime& a, const Lifetime& b) { return a.step < b.step; });
  return out;
}

// What one step takes away: events, and runs of either kind.
struct AtStep {
  std::int64_t step = 0;
  std::int64_t n_events = 0, n_runs = 0;
};

std::vector<AtStep> grouped_by_step(const std::vector<Lifetime>& sorted) {
  std::vector<AtStep> out;
  for (const Lifetime& run : sorted) {
    if (out.empty() || out.back().step != run.step) out.push_back({.step = run.step});
    ++out.back().n_runs;
    if (!run.is_censored) ++out.back().n_events;
  }
  return out;
}

// Deviation of a standard normal number that is exceeded, on either side, with chance 1 -
// confidence.
double normal_quantile_two_sided(double confidence) {
  double low = 0, high = 40;
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    if (std::erf(middle / std::sqrt(2.0)) < confidence)
      low = middle;
    else
      high = middle;
  }
  return low;
}

// Whether the curve after event i may well be at `height`.
bool is_compatible(const SurvivalCurve& curve, std::size_t i, double height, double deviation) {
  const double s = curve.survival[i];
  if (s <= 0 || s >= 1) return false;
  const double error = std::sqrt(curve.greenwood[i]) / std::abs(std::log(s));
  return std::abs(std::log(-std::log(s)) - std::log(-std::log(height))) <= deviation * error;
}

struct Labelled {
  Lifetime run;
  bool is_a = false;
};

std::vector<Labelled> sorted_by_step(std::span<const Lifetime> a, std::span<const Lifetime> b) {
  std::vector<Labelled> out;
  for (const Lifetime& run : a) out.push_back({run, true});
  for (const Lifetime& run : b) out.push_back({run, false});
  std::stable_sort(out.begin(), out.end(),
                   [](const Labelled& x, const Labelled& y) { return x.run.step < y.run.step; });
  return out;
}

// One pass over runs sorted by step: who ends at a step is at risk there, and no longer.
std::optional<LogRank> log_rank_of(std::span<const Labelled> runs) {
  LogRank out;
  double variance = 0;
  double n_a = static_cast<double>(
      std::count_if(runs.begin(), runs.end(), [](const Labelled& r) { return r.is_a; }));
  double n_b = static_cast<double>(runs.size()) - n_a;
  for (std::size_t i = 0; i < runs.size();) {
    double d_a = 0, d_b = 0, left_a = 0, left_b = 0;
    const std::int64_t step = runs[i].run.step;
    for (; i < runs.size() && runs[i].run.step == step; ++i) {
      const double event = runs[i].run.is_censored ? 0 : 1;
      (runs[i].is_a ? d_a : d_b) += event;
      (runs[i].is_a ? left_a : left_b) += 1;
    }
    const double n = n_a + n_b, d = d_a + d_b;
    out.observed_a += d_a;
    out.observed_b += d_b;
    out.expected_a += d * n_a / n;
    out.expected_b += d * n_b / n;
    if (n > 1) variance += d * (n_a / n) * (n_b / n) * (n - d) / (n - 1);
    n_a -= left_a;
    n_b -= left_b;
  }
  if (!(variance > 0)) return std::nullopt;
  const double gap = out.observed_a - out.expected_a;
  out.chi_squared = gap * gap / variance;
  out.p_value = std::erfc(std::sqrt(out.chi_squared / 2));
  return out;
}

std::optional<double> median_of(std::span<const Lifetime> runs) {
  return survival_quantile(kaplan_meier(runs), 0.5, 0.5).step;
}

}  // namespace

SurvivalCurve kaplan_meier(std::span<const Lifetime> runs) {
  SurvivalCurve out;
  auto at_risk = static_cast<std::int64_t>(runs.size());
  double survival = 1, greenwood = 0;
  for (const AtStep& at : grouped_by_step(by_step(runs))) {
    if (at.n_events > 0) {
      const auto n = static_cast<double>(at_risk), d = static_cast<double>(at.n_events);
      survival = at.n_events == at_risk ? 0 : survival * (n - d) / n;
      greenwood +=
          at.n_events == at_risk ? std::numeric_limits<double>::infinity() : d / (n * (n - d));
      out.steps.push_back(at.step);
      out.survival.push_back(survival);
      out.greenwood.push_back(greenwood);
      out.at_risk.push_back(at_risk);
    }
    at_risk -= at.n_runs;
  }
  return out;
}

SurvivalQuantile survival_quantile(const SurvivalCurve& curve, double share, double confidence) {
  GROK_REQUIRE(share > 0 && share < 1 && confidence > 0 && confidence < 1,
               "a share or a confidence outside (0, 1)");
  constexpr double rounding = 1e-9;
  const double height = 1 - share;
  SurvivalQuantile out;
  const std::size_t n = curve.steps.size();
  for (std::size_t i = 0; i < n && !out.step; ++i) {
    if (curve.survival[i] > height + rounding) continue;
    out.step = static_cast<double>(curve.steps[i]);
    if (curve.survival[i] >= height - rounding && i + 1 < n)
      out.step =
          (static_cast<double>(curve.steps[i]) + static_cast<double>(curve.steps[i + 1])) / 2;
  }
  const double deviation = normal_quantile_two_sided(confidence);
  std::optional<std::size_t> last;
  for (std::size_t i = 0; i < n; ++i) {
    if (!is_compatible(curve, i, height, deviation)) continue;
    if (!out.low) out.low = curve.steps[i];
    last = i;
  }
  // The curve keeps its height up to the next event, which is the first step that is refused.
  if (last && *last + 1 < n) out.high = curve.steps[*last + 1];
  if (!last && out.step) {  // no height between is compatible: the curve jumps over it
    for (std::size_t i = 0; i < n && !out.low; ++i)
      if (curve.survival[i] <= height + rounding) out.low = out.high = curve.steps[i];
  }
  if (n == 0) return out;
  // Where the curve is 1 or 0 the scale tells nothing, but the binomial does: that none of the
  // runs, or all, have had the event by then is refused only if its chance is below the tail.
  const double tail = (1 - confidence) / 2;
  const auto n_runs = static_cast<double>(curve.at_risk.front());
  if (std::pow(height, n_runs) > tail) out.low.reset();
  if (curve.survival.back() == 0 && std::pow(share, n_runs) > tail) out.high.reset();
  return out;
}

std::optional<LogRank> log_rank(std::span<const Lifetime> a, std::span<const Lifetime> b) {
  return log_rank_of(sorted_by_step(a, b));
}

std::optional<double> log_rank_permutation(std::span<const Lifetime> a, std::span<const Lifetime> b,
                                           int n_draws) {
  std::vector<Labelled> runs = sorted_by_step(a, b);
  const std::optional<LogRank> given = log_rank_of(runs);
  if (!given) return std::nullopt;
  const Rng rng(0, "log_rank_permutation");
  std::uint64_t used = 0;
  std::int64_t n_as_large = 1;
  for (int draw = 0; draw < n_draws; ++draw) {
    for (std::size_t i = runs.size(); i > 1; --i)
      std::swap(runs[i - 1].is_a, runs[rng.below(used++, i)].is_a);
    const std::optional<LogRank> other = log_rank_of(runs);
    if (other && other->chi_squared >= given->chi_squared * (1 - 1e-12)) ++n_as_large;
  }
  return static_cast<double>(n_as_large) / (n_draws + 1.0);
}

std::optional<MedianRatio> median_ratio(std::span<const Lifetime> a, std::span<const Lifetime> b,
                                        double confidence, int n_resamples) {
  const std::optional<double> middle_a = median_of(a), middle_b = median_of(b);
  if (!middle_a || !middle_b) return std::nullopt;
  const auto ratio = [](double x, double y) { return (y + 1) / (x + 1); };
  const Rng rng(0, "median_ratio");
  std::uint64_t used = 0;
  const auto resampled = [&](std::span<const Lifetime> runs) {
    std::vector<Lifetime> out;
    for (std::size_t i = 0; i < runs.size(); ++i)
      out.push_back(runs[rng.below(used++, runs.size())]);
    return median_of(out);
  };
  constexpr double infinite = std::numeric_limits<double>::infinity();
  std::vector<double> ratios;
  for (int draw = 0; draw < n_resamples; ++draw) {
    const std::optional<double> x = resampled(a), y = resampled(b);
    if (x && y) ratios.push_back(ratio(*x, *y));
    if (x && !y) ratios.push_back(infinite);
    if (!x && y) ratios.push_back(0);
    // Where neither has a median the draw says nothing of which is later.
  }
  MedianRatio out{.ratio = ratio(*middle_a, *middle_b)};
  if (ratios.empty()) return out;
  std::sort(ratios.begin(), ratios.end());
  const double tail = (1 - confidence) / 2;
  const auto n = static_cast<double>(ratios.size());
  const double low = ratios[static_cast<std::size_t>(std::floor(tail * (n - 1)))];
  const double high = ratios[static_cast<std::size_t>(std::ceil((1 - tail) * (n - 1)))];
  if (low > 0) out.low = low;
  if (high < infinite) out.high = high;
  return out;
}

}  // namespace grok
