#pragma once
// What a run records: the values that go into a run file and come out of it.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "grok/base/tensor.h"

namespace grok {

/// How an array metric is kept: float32 takes half the place, for arrays that need no more.
enum class ArrayPrecision { f64, f32 };

/// An array at one step. Values are doubles here; f32 rounds them to nearest when recorded.
struct ArrayMetric {
  std::string name;
  DoubleTensor values;
  ArrayPrecision precision = ArrayPrecision::f64;
};

/// What happened, and the details as JSON text.
struct Event {
  std::int64_t step = 0;
  std::string kind;
  std::string detail = "{}";
  friend bool operator==(const Event&, const Event&) = default;
};

/// All that is recorded of one step; it is kept whole or not at all.
struct Moment {
  std::int64_t step = 0;
  std::vector<std::pair<std::string, double>> metrics;
  std::vector<ArrayMetric> arrays;
  std::optional<NamedTensors> keyframe;  // weights and optimizer state after `step` updates
  std::vector<Event> events;             // may belong to other steps, as one found afterwards does
  /// Metrics and arrays were computed afterwards, by replaying the run.
  bool is_replayed = false;

  bool is_empty() const { return metrics.empty() && arrays.empty() && !keyframe && events.empty(); }
};

/// All state needed to go on from a step; `digest` is SHA-256 of its bytes in the file.
struct Keyframe {
  std::int64_t step = 0;
  std::string digest;
  NamedTensors tensors;
};

struct MetricPoint {
  std::int64_t step = 0;
  double value = 0;
  bool is_replayed = false;
};

struct MetricRow {
  std::int64_t step = 0;
  std::string name;
  double value = 0;
  bool is_replayed = false;
};

struct ArrayPoint {
  std::int64_t step = 0;
  DoubleTensor values;
  bool is_replayed = false;
};

}  // namespace grok
