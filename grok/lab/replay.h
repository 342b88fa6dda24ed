#pragma once
// The past of a run once more, at the speed of training: to verify it, and to measure what nobody
// thought of measuring at the time.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "grok/lab/run.h"

namespace grok {

struct ReplayRequest {
  std::optional<std::int64_t> from, to;  // both included; the whole run where left out
  std::vector<std::string> probes;       // what to measure; nothing if empty
  std::int64_t every = 0;                // steps between two measurements, from `from` on;
                                         // 0: at the steps at which the run recorded
};

struct ReplayResult {
  std::int64_t from = 0, to = 0;
  std::int64_t n_keyframes = 0;  // whose bits were verified
  std::int64_t n_agreed = 0;     // numbers and arrays that were in the file, and are the same
  std::int64_t n_recorded = 0;   // that are in the file now and were not
  std::int64_t n_left_out = 0;   // that were measured, but no keyframe vouches for their steps
  bool is_complete = false;      // false if `options.stop` broke it off
};

/// Recomputes steps of the run at `path` and verifies every keyframe on the way. What the probes
/// find goes into the file, marked as replayed, with an event "replay"; what is there already is
/// compared. The probe loss_and_accuracy brings batch_loss with it where the run records it.
/// Nothing goes into the file before a keyframe at or after its step has shown that these are the
/// run's own bits: behind the last of the steps it goes on to the next one. What lies behind the
/// run's last keyframe, or behind the last one that was reached when `options.stop` broke it off,
/// is left out.
///
///   throws   Error: usage (an unknown probe, steps in disorder); not_found (no such steps);
///   damaged
///            (the file holds other bits than are computed, with the first that differ);
///            unsupported (made under another plan version); unavailable (another program writes
///            the file)
ReplayResult replay(const std::filesystem::path& path, const ReplayRequest& request,
                    const RunOptions& options = {});

}  // namespace grok
