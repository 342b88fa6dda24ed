#include "grok/optim/learning_rate.h"

#include "grok/base/catalog.h"

namespace grok {

LearningRate::LearningRate(const Params& section)
    : warmup_(section.integer("warmup_steps")),
      from_(section.real("warmup_from")),
      schedule_(&entry_of(schedules::catalog(), "schedule", section.text("schedule"))),
      params_(section.part(section.text("schedule"))) {}

double LearningRate::factor(std::int64_t step) const {
  if (step >= warmup_) return schedule_->factor(params_, step, warmup_);
  const double done = static_cast<double>(step) / static_cast<double>(warmup_);
  return from_ + (1 - from_) * done;
}

}  // namespace grok
