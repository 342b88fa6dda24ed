#pragma once
// Where two runs part: the first step at which their weights are not the same bits.

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "grok/lab/replayer.h"

namespace grok {

struct Parting {
  std::int64_t step = 0;  // the first that is known to differ
  std::string what;       // what differs there: "weights.embed.W_E", "keyframe", a metric
  /// The last step that is known to be the same; none if they have no step in common before.
  std::optional<std::int64_t> last_same;
  bool is_exact = false;  // no step lies between the two, or there is none before
};

/// As the files tell: from the keyframes and metrics that both hold.
///   returns  none if nothing that both hold differs
std::optional<Parting> recorded_parting(const RunFile& a, const RunFile& b);

/// Closes in on it by replaying both from the last step that is the same.
///   returns  none if it was broken off
///   cost     training both runs over the steps in between
std::optional<Parting> exact_parting(Replayer& a, Replayer& b, Parting found,
                                     const std::atomic<bool>* stop = nullptr);

}  // namespace grok
