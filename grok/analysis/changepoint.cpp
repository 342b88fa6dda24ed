#include "grok/analysis/changepoint.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "grok/base/error.h"

namespace grok {
namespace {

void check(const Series& series) {
  GROK_REQUIRE(series.steps.size() == series.values.size(),
               std::to_string(series.steps.size()) + " steps, " +
                   std::to_string(series.values.size()) + " values");
  const auto wrong = std::adjacent_find(series.steps.begin(), series.steps.end(),
                                        std::greater_equal<std::int64_t>());
  GROK_REQUIRE(wrong == series.steps.end(), "steps that do not rise");
}

template <class Better>
std::optional<std::size_t> index_of_best(const Series& series, Better&& better) {
  check(series);
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (std::isnan(series.values[i])) continue;
    if (!best || better(series.values[i], series.values[*best])) best = i;
  }
  return best;
}

template <class Holds>
std::optional<std::int64_t> first_step(const Series& series, Holds&& holds) {
  check(series);
  for (std::size_t i = 0; i < series.size(); ++i)
    if (holds(series.values[i])) return series.steps[i];
  return std::nullopt;
}

}  // namespace

Series between(const Series& series, std::int64_t from, std::int64_t to) {
  check(series);
  const auto begin = std::lower_bound(series.steps.begin(), series.steps.end(), from);
  const auto end = std::upper_bound(series.steps.begin(), series.steps.end(), to);
  if (begin >= end) return {};
  const auto first = static_cast<std::size_t>(begin - series.steps.begin());
  const auto count = static_cast<std::size_t>(end - begin);
  return {series.steps.subspan(first, count), series.values.subspan(first, count)};
}

std::optional<std::int64_t> first_at_least(const Series& series, double level) {
  return first_step(series, [level](double x) { return x >= level; });
}

std::optional<std::int64_t> first_at_most(const Series& series, double level) {
  return first_step(series, [level](double x) { return x <= level; });
}

std::optional<std::size_t> index_of_least(const Series& series) {
  return index_of_best(series, std::less<double>());
}

std::optional<std::size_t> index_of_largest(const Series& series) {
  return index_of_best(series, std::greater<double>());
}

double value_at(const Series& series, double step) {
  GROK_REQUIRE(!series.empty(), "the value of an empty series");
  const auto after =
      std::lower_bound(series.steps.begin(), series.steps.end(), step,
                       [](std::int64_t s, double x) { return static_cast<double>(s) < x; });
  if (after == series.steps.begin()) return series.values.front();
  if (after == series.steps.end()) return series.values.back();
  const auto i = static_cast<std::size_t>(after - series.steps.begin());
  const auto left = static_cast<double>(series.steps[i - 1]);
  const auto right = static_cast<double>(series.steps[i]);
  const double share = (step - left) / (right - left);
  return series.values[i - 1] + share * (series.values[i] - series.values[i - 1]);
}

std::optional<std::int64_t> steepest_fall(const Series& series, double ratio) {
  check(series);
  GROK_REQUIRE(ratio > 1, "a window of ratio " + std::to_string(ratio));
  std::optional<std::int64_t> best;
  double fastest = 0;
  for (const std::int64_t step : series.steps) {
    const double from =
        std::max(static_cast<double>(step) / ratio, static_cast<double>(series.steps.front()));
    const double to =
        std::min(static_cast<double>(step) * ratio, static_cast<double>(series.steps.back()));
    if (!(to > from)) continue;
    const double fall = (value_at(series, from) - value_at(series, to)) / (to - from);
    if (fall > fastest) {
      fastest = fall;
      best = step;
    }
  }
  return best;
}

}  // namespace grok
