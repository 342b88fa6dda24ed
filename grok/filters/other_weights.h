#pragma once
// A gradient taken at other weights than the step's: what sharpness-aware minimization and noise on
// the weights have in common.

#include "grok/filters/filter.h"

namespace grok {

/// The scratch that the two functions need: room for all weights.
std::int64_t floats_to_go_elsewhere(const Weights& weights);

/// Keeps the weights in the scratch; the caller then moves them, but for those that are frozen.
void keep_weights(const FilterCall& call) noexcept;

/// Writes the gradients at the weights as they are now, then puts back, to the bit, what was kept.
void take_gradients_and_return(const FilterCall& call) noexcept;

}  // namespace grok
