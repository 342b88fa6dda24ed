#pragma once
// The learning rate of a step: a linear warm-up, then a schedule.

#include <cstdint>

#include "grok/schedules/lr_schedule.h"

namespace grok {

/// What a section of the spec makes of its learning rates.
class LearningRate {
 public:
  explicit LearningRate(const Params& section);

  /// Of the update that is made after `step` others. Allocates nothing.
  double factor(std::int64_t step) const;

 private:
  std::int64_t warmup_;
  double from_;
  const LrScheduleDef* schedule_;
  Params params_;
};

}  // namespace grok
