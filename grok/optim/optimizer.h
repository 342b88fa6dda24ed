#pragma once
// How weights follow their gradients. To add one, copy adamw.cpp and put its name into catalog.def.

#include <cstdint>
#include <span>
#include <string_view>

#include "grok/base/tensor.h"
#include "grok/base/threads.h"
#include "grok/spec/schema.h"

namespace grok {

/// One update of all weights.
struct OptimizerCall {
  const Params& params;
  std::int64_t step;                       // updates made before this one
  std::span<const ConstFloats> gradients;  // one per weight, in the weights' order
  Weights& weights;
  NamedTensors& state;
  ThreadPool& pool;
};

struct OptimizerDef {
  std::string_view name;
  std::string_view meaning;
  std::string_view source;
  const Schema& (*schema)() = nullptr;
  /// All that the optimizer must remember, so that a run can be resumed: it is kept in keyframes
  /// beside the weights, under the names given here.
  NamedTensors (*init)(const Params& params, const Weights& weights) = nullptr;
  /// Allocates nothing and does not throw.
  void (*update)(const OptimizerCall& call) noexcept = nullptr;
};

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
