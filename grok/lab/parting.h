#pragma once
// Where two runs part: the first step at which their weights are not the same bits.

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "grok/lab/replayer.h"

namespace grok {

/// What is known of it.
struct Parting {
  std::optional<std::int64_t> last_same;  // the last step known to be the same; none: no such step
  std::optional<std::int64_t> step;       // the first known to differ; none: none is known
  std::string what;                       // the first weight that differs there: "embed.W_E"
  /// Every step that both runs have was looked at, as far as they are the same.
  bool is_exact = false;
};

/// As the files tell: from the keyframes that both hold.
Parting recorded_parting(const RunFile& a, const RunFile& b);

/// Closes in on it by replaying both, from the last step known to be the same to the first known to
/// differ, or to the last that both have.
///   returns  none if it was broken off
///   throws   as Replayer
///   cost     training both runs over the steps in between
std::optional<Parting> exact_parting(Replayer& a, Replayer& b, const Parting& known,
                                     const std::atomic<bool>* stop = nullptr);

}  // namespace grok
