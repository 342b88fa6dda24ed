#pragma once
// What is made of the gradients before the optimizer follows them. To add one, copy
// grokfast_ema.cpp and put its name into catalog.def.

#include <cstdint>
#include <span>
#include <string_view>

#include "grok/base/tensor.h"
#include "grok/base/threads.h"
#include "grok/filters/loss_surface.h"
#include "grok/spec/schema.h"

namespace grok {

/// The gradients of one step on their way through one filter.
struct FilterCall {
  const Params& params;
  std::int64_t step;                // updates made before this one
  std::span<const ConstFloats> in;  // one per weight, in the weights' order
  std::span<const Floats> out;      // written whole; out[i] is in[i] or does not overlap it
  Weights& weights;                 // hold the same when the filter returns
  std::span<const Floats> state;    // in the order in which `init` returns it
  Floats scratch;
  const LossSurface& surface;
  ThreadPool& pool;
};

struct FilterDef {
  std::string_view name;
  std::string_view meaning;
  std::string_view source;
  const Schema& (*schema)() = nullptr;
  /// All that the filter must remember, as for an optimizer. Names are made unique by the filter's
  /// in front; those that end in a weight's name and have its shape are memories of its gradient,
  /// which edits may clear. Null: nothing.
  NamedTensors (*init)(const Params& params, const Weights& weights) = nullptr;
  /// Floats that a call is lent. Null: none.
  std::int64_t (*scratch_floats)(const Weights& weights) = nullptr;
  /// Whether it asks for gradients at other weights; what was done to the first ones is then lost,
  /// so it must stand first.
  bool evaluates = false;
  /// Allocates nothing and does not throw.
  void (*apply)(const FilterCall& call) noexcept = nullptr;
};

namespace filters {
#define GROK_FILTER(name) const FilterDef& name();
#include "grok/filters/catalog.def"
#undef GROK_FILTER

std::span<const FilterDef* const> catalog();
/// Null if there is no filter of that name.
const FilterDef* find(std::string_view name);
/// For a field that lists filters.
const PartCatalog& parts();
/// A list of filters is wrong where one that evaluates is not the first.
void check_order(const Texts& names, Mistakes& mistakes);
}  // namespace filters

/// Floats in all weights together.
std::int64_t n_weights(const Weights& weights);

}  // namespace grok
