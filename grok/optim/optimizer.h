#pragma once
// How weights follow their gradients. To add one, copy lion.cpp and put its name into catalog.def.
// What all have in common (learning rate, warm-up, schedule, filters) stands in common_fields.h; an
// UpdateRule puts it together.

#include <cstdint>
#include <span>
#include <string_view>

#include "grok/base/tensor.h"
#include "grok/base/threads.h"
#include "grok/filters/loss_surface.h"
#include "grok/spec/schema.h"

namespace grok {

/// One update of all weights.
struct OptimizerCall {
  const Params& params;
  std::int64_t step;                       // updates made before this one
  double lr_factor;                        // what warm-up and schedule make of every learning rate
  std::span<const ConstFloats> gradients;  // one per weight, in the weights' order
  Weights& weights;
  std::span<const Floats> state;  // in the order in which `init` returns it
  Floats scratch;
  const LossSurface& surface;
  ThreadPool& pool;

  double lr() const { return params.real("lr") * lr_factor; }
};

struct OptimizerDef {
  std::string_view name;
  std::string_view meaning;
  std::string_view source;
  const Schema& (*schema)() = nullptr;
  /// All that the optimizer must remember, so that a run can be resumed: it is kept in keyframes
  /// beside the weights, under the names given here. Those that end in a weight's name and have its
  /// shape are memories of its gradients, which edits may clear, but for those that begin with
  /// initial_prefix.
  ///   throws  Error{usage} if params name a weight that is not there
  NamedTensors (*init)(const Params& params, const Weights& weights) = nullptr;
  /// Floats that an update is lent. Null: none.
  std::int64_t (*scratch_floats)(const Params& params, const Weights& weights,
                                 int n_threads) = nullptr;
  /// Whether it compares losses of other weights with that of the step's: then every step must
  /// train on the whole training split, and its gradients are taken as they are, without filters.
  bool compares_losses = false;
  /// Allocates nothing and does not throw.
  void (*update)(const OptimizerCall& call) noexcept = nullptr;
};

/// Of state that is no memory of gradients: weights as they were when the optimizer began.
inline constexpr std::string_view initial_prefix = "initial.";

namespace optim {
#define GROK_OPTIMIZER(name) const OptimizerDef& name();
#include "grok/optim/catalog.def"
#undef GROK_OPTIMIZER

std::span<const OptimizerDef* const> catalog();
/// Null if there is no optimizer of that name.
const OptimizerDef* find(std::string_view name);
/// The optimizer of a spec's [optim] section.
const OptimizerDef& of(const Params& section);
}  // namespace optim

}  // namespace grok
