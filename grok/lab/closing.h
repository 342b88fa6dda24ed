#pragma once
// What can only be measured once a run is over: the key frequencies are those of the final weights,
// and every keyframe is measured again by the probes that need them.

#include <vector>

#include "grok/lab/run.h"
#include "grok/probes/probe.h"
#include "grok/store/run_file.h"

namespace grok {

/// Beyond any that a file may name.
inline constexpr int largest_frequency = 1 << 30;

/// True if the closing pass has come to its end.
bool is_closed(const RunFile& file);

/// Those of the final weights, as the closing pass found them; empty before it.
///   throws   Error{damaged} if the event says something else
std::vector<int> key_frequencies_of(const RunFile& file);

/// Measures at every keyframe of the schedule and at the last, then adds the events
/// "key_frequencies", those that probes conclude ("phase_change") and, last, "closed". Can be
/// broken off and called again.
///   returns  false if `options.stop` broke it off
bool close_run(RunFile& file, const RunSpec& spec, ProbeSet& probes, const RunOptions& options);

}  // namespace grok
