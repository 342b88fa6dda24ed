#pragma once
// What schedules that come down by a given step have in common.

#include "grok/schedules/lr_schedule.h"

namespace grok {

/// `until` and `final`.
const Schema& decline_schema();

/// How much of the way from the end of the warm-up to `until` is done, from 0 to 1.
double part_done(const Params& params, std::int64_t step, std::int64_t warmup);

}  // namespace grok
