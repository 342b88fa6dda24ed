#pragma once
// What a run file holds already, so that numbers computed again are held against it: bits that
// training, resuming and replaying all promise to be the same.

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "grok/store/run_file.h"

namespace grok {

class Recorded {
 public:
  /// Reads all metrics; `file` must outlive it. Sees nothing that is committed afterwards, arrays
  /// and keyframes excepted.
  explicit Recorded(const RunFile& file);

  /// Compares what the file holds of this step, and returns what it does not hold: metrics, arrays
  /// and the keyframe. Events are passed through.
  ///   throws   Error{damaged} on the first number that differs, with both
  Moment new_in(Moment moment);

  /// Numbers and arrays that were found to be as recorded.
  std::int64_t n_agreed() const { return n_agreed_; }

 private:
  bool has_metric(std::int64_t step, const std::string& name, double value);
  bool has_array(std::int64_t step, const ArrayMetric& array);

  const RunFile& file_;
  std::map<std::pair<std::int64_t, std::string>, double> metrics_;
  std::int64_t n_agreed_ = 0;
};

}  // namespace grok
