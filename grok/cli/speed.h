#pragma once
// Steps per second and the time that is left, for people who wait.

#include <chrono>
#include <cstdint>
#include <string>

namespace grok::cli {

/// "1,020", "412", "3.25": all digits before the point, three of them at least.
std::string speed_text(double steps_per_second);

class Speed {
 public:
  /// Measures from here on.
  void start(std::int64_t step);
  /// Told often; looks at the clock's seconds only.
  void at(std::int64_t step);
  /// Measures now, however little time has gone.
  void measure(std::int64_t step);
  /// "  412 steps/s  at most 3 min 05 s left"; empty while nothing is known.
  std::string text(std::int64_t steps_left) const;

 private:
  using Clock = std::chrono::steady_clock;

  double steps_per_second_ = 0;
  std::int64_t timed_step_ = 0;
  Clock::time_point timed_at_ = Clock::now();
};

}  // namespace grok::cli
