#pragma once
// The loss around the weights of a step: what may be asked by those who need a gradient at other
// weights than these.

#include <span>

#include "grok/base/tensor.h"

namespace grok {

/// The loss of a step's examples as a function of the weights. Dropout and whatever else is drawn
/// for the step stay the same, so that a step is replayed exactly however often it asks.
struct LossSurface {
  /// Computes loss and gradients at what the weights hold now.
  ///   returns  the loss, in nats per answer
  double (*evaluate)(void* context) noexcept = nullptr;
  void* context = nullptr;
  /// Of the last evaluation, one per weight, in the weights' order.
  std::span<const ConstFloats> gradients = {};
  /// The loss at the weights with which the step begins.
  double loss = 0;
  /// Whether a weight is held where it is, one number per weight; empty: none is.
  std::span<const bool> is_frozen = {};

  double operator()() const noexcept { return evaluate(context); }
  bool holds(std::size_t weight) const { return !is_frozen.empty() && is_frozen[weight]; }
};

}  // namespace grok
