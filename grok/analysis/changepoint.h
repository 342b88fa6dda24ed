#pragma once
// Where a recorded series crosses a level, turns, or falls fastest.

#include <cstdint>
#include <optional>
#include <span>

#include "grok/base/tensor.h"

namespace grok {

/// A metric as it was recorded. Steps rise strictly, with any spacing; NaN values are passed over.
struct Series {
  std::span<const std::int64_t> steps;
  Doubles values;

  bool empty() const { return steps.empty(); }
  std::size_t size() const { return steps.size(); }
};

/// The part of a series with steps in [from, to].
Series between(const Series& series, std::int64_t from, std::int64_t to);

/// The first recorded step at which the value is at least the level; none if it never is.
std::optional<std::int64_t> first_at_least(const Series& series, double level);
/// The first recorded step at which the value is at most the level; none if it never is.
std::optional<std::int64_t> first_at_most(const Series& series, double level);

/// The index of the first smallest and of the first largest value; none if all are NaN.
std::optional<std::size_t> index_of_least(const Series& series);
std::optional<std::size_t> index_of_largest(const Series& series);

/// The value at any step: straight lines between records, and the nearest record outside them.
///   throws   ContractBroken if the series is empty
double value_at(const Series& series, double step);

/// The recorded step around which the series falls fastest: with the greatest fall per step over
/// the window [step / ratio, step * ratio], cut off at the series' ends. The window grows with the
/// step as the phases of training do, and evens out single spikes. None if it nowhere falls.
///   ratio    above 1
std::optional<std::int64_t> steepest_fall(const Series& series, double ratio = 1.03);

}  // namespace grok
