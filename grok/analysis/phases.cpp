#include "grok/analysis/phases.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "grok/base/exact_math.h"

namespace grok {
namespace {

constexpr double turned_up = 1.25;   // the excluded loss has left its minimum
constexpr double turned_down = 0.9;  // the test loss has left its peak
constexpr double nearly_all = 0.95;

std::optional<std::int64_t> least_before_rise(const Series& excluded) {
  const auto least = index_of_least(excluded);
  if (!least) return std::nullopt;
  const Series rest = between(excluded, excluded.steps[*least], excluded.steps.back());
  const double high = rest.values[*index_of_largest(rest)];
  if (!(high >= turned_up * excluded.values[*least])) return std::nullopt;
  return excluded.steps[*least];
}

std::optional<std::int64_t> peak_before_fall(const Series& test_loss) {
  const auto peak = index_of_largest(test_loss);
  if (!peak) return std::nullopt;
  const Series rest = between(test_loss, test_loss.steps[*peak], test_loss.steps.back());
  const double low = rest.values[*index_of_least(rest)];
  if (!(low <= turned_down * test_loss.values[*peak])) return std::nullopt;
  return test_loss.steps[*peak];
}

std::optional<std::int64_t> memorization_end(const TrainingCurves& curves, const Phases& phases) {
  if (!phases.memorized_step) return std::nullopt;
  const std::int64_t end = phases.grok_step.value_or(curves.test_loss.steps.back());
  if (!curves.excluded_loss.empty())
    return least_before_rise(between(curves.excluded_loss, *phases.memorized_step, end));
  return peak_before_fall(between(curves.test_loss, *phases.memorized_step, end));
}

std::optional<std::int64_t> cleanup_end(const Series& test_loss, std::int64_t start) {
  const std::int64_t last = test_loss.steps.back();
  const Series rest = between(test_loss, start, last);
  if (rest.size() < 3) return std::nullopt;
  std::vector<double> logs;
  for (const double x : rest.values) logs.push_back(exact_log(x));
  const Series fall{rest.steps, logs};
  const auto least = index_of_least(fall);
  if (!least || !std::isfinite(logs[*least]) || !(logs[*least] < logs.front())) return std::nullopt;
  const double depth = logs.front() - logs[*least];
  const double late = value_at(fall, 0.9 * static_cast<double>(last));
  if (!(late - logs.back() <= (1 - nearly_all) * depth)) return std::nullopt;
  return first_at_most(fall, logs.front() - nearly_all * depth);
}

}  // namespace

Phases find_phases(const TrainingCurves& curves) {
  Phases out;
  out.memorized_step = first_at_least(curves.train_accuracy, learnt_accuracy);
  out.grok_step = first_at_least(curves.test_accuracy, learnt_accuracy);
  if (curves.test_loss.empty()) return out;
  out.memorization_end = memorization_end(curves, out);
  if (!out.memorization_end || !out.grok_step) return out;
  out.circuit_formation_end =
      steepest_fall(between(curves.test_loss, *out.memorization_end, *out.grok_step));
  if (out.circuit_formation_end)
    out.cleanup_end = cleanup_end(curves.test_loss, *out.circuit_formation_end);
  return out;
}

std::optional<std::int64_t> grok_delay(const Phases& phases) {
  if (!phases.memorized_step || !phases.grok_step) return std::nullopt;
  return *phases.grok_step - *phases.memorized_step;
}

}  // namespace grok
