#include "grok/lab/recorded.h"

#include <cmath>
#include <cstddef>

#include "grok/base/error.h"
#include "grok/lab/same_bits.h"
#include "grok/spec/params.h"

namespace grok {
namespace {

// Every NaN counts as the same: the file keeps no more of one.
bool is_same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

double stored(double value, ArrayPrecision precision) {
  return precision == ArrayPrecision::f64 ? value : static_cast<double>(static_cast<float>(value));
}

std::string text(double value) {
  return std::isfinite(value) ? real_text(value) : std::isnan(value) ? "NaN" : "infinity";
}

[[noreturn]] void differs(const RunFile& file, std::int64_t step, const std::string& name,
                          double recorded, double found) {
  throw Error(ErrorCode::damaged, file.path().string() + ": " + name + " at step " +
                                      std::to_string(step) + " was recorded as " + text(recorded) +
                                      ", and computed again it is " + text(found) + "; " +
                                      why_bits_differ(file));
}

}  // namespace

Recorded::Recorded(const RunFile& file) : file_(file) {
  for (MetricRow& row : file.metrics())
    metrics_.emplace(std::pair(row.step, std::move(row.name)), row.value);
}

bool Recorded::has_metric(std::int64_t step, const std::string& name, double value) {
  const auto found = metrics_.find({step, name});
  if (found == metrics_.end()) return false;
  if (!is_same(found->second, value)) differs(file_, step, name, found->second, value);
  ++n_agreed_;
  return true;
}

bool Recorded::has_array(std::int64_t step, const ArrayMetric& array) {
  const auto found = file_.array_metric_at(array.name, step);
  if (!found) return false;
  if (found->shape != array.values.shape)
    throw Error(ErrorCode::damaged, file_.path().string() + ": " + array.name + " at step " +
                                        std::to_string(step) + " has shape " +
                                        found->shape.to_string() + ", and computed again " +
                                        array.values.shape.to_string());
  for (std::size_t i = 0; i < found->data.size(); ++i) {
    const double value = stored(array.values.data[i], array.precision);
    if (!is_same(found->data[i], value))
      differs(file_, step, array.name + "[" + std::to_string(i) + "]", found->data[i], value);
  }
  ++n_agreed_;
  return true;
}

Moment Recorded::new_in(Moment moment) {
  std::erase_if(moment.metrics, [&](const auto& metric) {
    return has_metric(moment.step, metric.first, metric.second);
  });
  std::erase_if(moment.arrays,
                [&](const ArrayMetric& array) { return has_array(moment.step, array); });
  if (moment.keyframe && is_recorded_keyframe(file_, moment.step, *moment.keyframe))
    moment.keyframe.reset();
  return moment;
}

}  // namespace grok
