#include "grok/cli/speed.h"

#include <algorithm>
#include <cmath>

#include "grok/cli/format.h"

namespace grok::cli {

namespace {
constexpr std::chrono::milliseconds between_timings{1000};
}

void Speed::start(std::int64_t step) {
  timed_step_ = step;
  timed_at_ = Clock::now();
}

void Speed::at(std::int64_t step) {
  if (Clock::now() - timed_at_ >= between_timings) measure(step);
}

void Speed::measure(std::int64_t step) {
  const Clock::time_point now = Clock::now();
  const double seconds = std::chrono::duration<double>(now - timed_at_).count();
  if (step == timed_step_ || seconds <= 0) return;
  const double speed = static_cast<double>(step - timed_step_) / seconds;
  // Smoothed, so that the time left does not jump about.
  steps_per_second_ = steps_per_second_ > 0 ? 0.7 * steps_per_second_ + 0.3 * speed : speed;
  timed_step_ = step;
  timed_at_ = now;
}

std::string speed_text(double steps_per_second) {
  return steps_per_second < 100 ? significant(steps_per_second, 3)
                                : grouped(std::llround(std::min(steps_per_second, 1e15)));
}

std::string Speed::text(std::int64_t steps_left) const {
  if (!(steps_per_second_ > 0)) return "";
  return "  " + speed_text(steps_per_second_) + " steps/s  at most " +
         duration(static_cast<double>(steps_left) / steps_per_second_) + " left";
}

}  // namespace grok::cli
