#pragma once
// A spec's [optim] section at work: schedule, filters and optimizer put together.

#include <cstdint>
#include <span>
#include <vector>

#include "grok/filters/filter.h"
#include "grok/optim/learning_rate.h"
#include "grok/optim/optimizer.h"

namespace grok {

/// All that a section's optimizer and filters must remember before the first step. A filter's
/// tensors begin with its name.
///   throws  Error{usage} if the section names a weight that is not there
NamedTensors first_optimizer_state(const Params& section, const Weights& weights);

class UpdateRule {
 public:
  /// `weights` and `state`, which holds what first_optimizer_state names, must outlive it and stay
  /// where they are.
  UpdateRule(const Params& section, Weights& weights, NamedTensors& state, int n_threads);

  /// Updates all weights and the state. Allocates nothing.
  ///   step       updates made before this one
  ///   surface    its gradients, and how to get them elsewhere
  void apply(std::int64_t step, const LossSurface& surface, ThreadPool& pool) noexcept;

 private:
  struct Filter {
    const FilterDef* def;
    Params params;
    std::vector<Floats> state;
  };
  std::vector<Floats> take_state(const NamedTensors& like, const std::string& prefix,
                                 NamedTensors& state) const;
  void make_room(int n_threads);

  const Params params_;
  const OptimizerDef& optimizer_;
  const LearningRate rate_;
  Weights& weights_;
  std::vector<Floats> state_;
  std::vector<Filter> filters_;
  Tensor filtered_, scratch_;
  std::vector<Floats> filtered_parts_;           // one per weight; none without filters
  std::vector<ConstFloats> filtered_gradients_;  // the same
};

}  // namespace grok
