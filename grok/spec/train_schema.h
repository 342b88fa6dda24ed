#pragma once
// The sections [train] and [record], which every run has.

#include "grok/spec/schema.h"

namespace grok {

/// steps, batch ("full" or an integer), seed, stop_when.
const Schema& train_schema();

/// probes ("default", "none" or a list), every, log_points_per_octave, keyframes, keyframe_every.
/// What they mean for a step: schedule.h.
const Schema& record_schema();

}  // namespace grok
