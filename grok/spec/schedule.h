#pragma once
// At which steps a run records metrics and keeps keyframes: a pure function of its spec, so that
// training, replay and resume agree without asking each other.
//
// Log-spaced steps follow an exact integer rule. With two points an octave they are the f-stops of
// a camera: the powers of two, and 7/5 of each (close to the square root of two), rounded:
//
//     1 2 3 4 6 8 11 16 22 32 45 64 90 128 179 256 358 512 717 1024 ...
//
// With four points, 6/5 and 5/3 of each power join; with one, only the powers stay. A log-spaced
// step counts as long as it is less than `every` after the one before it; later ones would be
// rarer than the regular steps. Regular steps are all multiples of `every`, from the start.

#include <cstdint>
#include <span>
#include <vector>

#include "grok/spec/run_spec.h"

namespace grok {

/// A set of steps. The first step and the last belong to every schedule.
class Schedule {
 public:
  /// every          1 or more; 0 for no regular steps
  /// n_per_octave   0 (no log-spaced steps), 1, 2 or 4
  /// last           the step at which the run ends by its spec
  /// first          where it begins: past 0 if it was forked. The others are the same steps as
  ///                those of a run that begins at 0
  Schedule(std::int64_t every, std::int64_t n_per_octave, std::int64_t last,
           std::int64_t first = 0);

  bool contains(std::int64_t step) const;
  /// The steps in [first, up_to], increasing, at most `last`.
  std::vector<std::int64_t> steps(std::int64_t up_to) const;

 private:
  std::int64_t every_;
  std::int64_t last_;
  std::int64_t first_;
  std::vector<std::int64_t> log_steps_;  // increasing
};

/// True for 0, 1, 2 and 4.
bool is_log_density(std::int64_t n_per_octave);

/// When metrics are recorded and probes measure.
Schedule record_schedule(const RunSpec& spec);
/// When weights and optimizer state are kept.
Schedule keyframe_schedule(const RunSpec& spec);

/// Short forms; a loop over steps makes the schedule once instead.
bool is_recorded(const RunSpec& spec, std::int64_t step);
bool is_keyframe(const RunSpec& spec, std::int64_t step);
std::vector<std::int64_t> record_steps(const RunSpec& spec, std::int64_t up_to);
std::vector<std::int64_t> keyframe_steps(const RunSpec& spec, std::int64_t up_to);

}  // namespace grok
