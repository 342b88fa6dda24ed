#pragma once
// How a run came to its last step. Kept as an event "ending", in one transaction with the last
// keyframe; an interrupted run that goes on has several, and the last one counts.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "grok/store/run_file.h"

namespace grok {

enum class Ending {
  done,             // the step limit
  stopped_by_rule,  // train.stop_when
  interrupted,      // by its user; can be resumed
  diverged,         // the loss or a weight became NaN or infinite
};

std::string_view name_of(Ending ending);

struct EndingEvent {
  Ending ending = Ending::done;
  std::int64_t step = 0;
  std::optional<double> seconds;  // that it took to come here from where training began or went on
  std::string what;  // of a run that diverged: the first thing that is no longer a number
};

Event make_event(const EndingEvent& ending);

/// None while the run goes on, or was killed.
///   throws   Error{damaged} if the file names an ending that does not exist
std::optional<EndingEvent> ending_of(const RunFile& file);

/// Seconds of training, summed over all parts that came to an ending: a part that was killed is not
/// counted. None where the file holds no time.
std::optional<double> training_seconds(const RunFile& file);

/// True if nothing is left to train.
bool is_over(const std::optional<EndingEvent>& ending);

}  // namespace grok
