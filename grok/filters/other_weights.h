#pragma once
// A gradient taken at other weights than the step's: what sharpness-aware minimization and noise on
// the weights have in common.

#include "grok/filters/filter.h"

namespace grok {

/// Keeps the weights in the scratch, which has room for all of them (n_weights).
void keep_weights(const FilterCall& call) noexcept;

/// Writes the gradients at the weights as they are now, then puts back, to the bit, what was kept.
void take_gradients_and_return(const FilterCall& call) noexcept;

/// Writes the gradients at the weights that `move(i, weight)` has moved, called for each that is
/// not frozen; then the weights are what they were, to the bit.
template <class Move>
void take_gradients_elsewhere(const FilterCall& call, Move&& move) noexcept {
  keep_weights(call);
  std::size_t i = 0;
  for (auto& [name, tensor] : call.weights) {
    if (!call.surface.holds(i)) move(i, tensor.span());
    ++i;
  }
  take_gradients_and_return(call);
}

}  // namespace grok
