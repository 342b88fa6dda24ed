#include "grok/optim/update_rule.h"

#include <algorithm>

#include "grok/base/catalog.h"

namespace grok {
namespace {

const FilterDef& filter_of(std::string_view name) {
  return entry_of(filters::catalog(), "filter", name);
}

NamedTensors state_of(const FilterDef& filter, const Params& section, const Weights& weights) {
  return filter.init ? filter.init(section.part(filter.name), weights) : NamedTensors();
}

}  // namespace

NamedTensors first_optimizer_state(const Params& section, const Weights& weights) {
  NamedTensors out = optim::of(section).init(section, weights);
  for (const std::string& name : section.texts("filters"))
    for (auto& [tensor_name, tensor] : state_of(filter_of(name), section, weights))
      out.add(name + "." + tensor_name, std::move(tensor));
  return out;
}

UpdateRule::UpdateRule(const Params& section, Weights& weights, NamedTensors& state, int n_threads)
    : params_(section), optimizer_(optim::of(section)), rate_(section), weights_(weights) {
  state_ = take_state(optimizer_.init(section, weights), "", state);
  for (const std::string& name : section.texts("filters")) {
    const FilterDef& def = filter_of(name);
    filters_.push_back(
        {&def, section.part(name), take_state(state_of(def, section, weights), name + ".", state)});
  }
  make_room(n_threads);
}

// By name: a keyframe may hold them in another order.
std::vector<Floats> UpdateRule::take_state(const NamedTensors& like, const std::string& prefix,
                                           NamedTensors& state) const {
  std::vector<Floats> out;
  for (const auto& [name, tensor] : like) out.push_back(state.at(prefix + name).span());
  return out;
}

void UpdateRule::make_room(int n_threads) {
  std::int64_t scratch = 1;
  if (optimizer_.scratch_floats)
    scratch = std::max(scratch, optimizer_.scratch_floats(params_, weights_, n_threads));
  for (const Filter& filter : filters_)
    if (filter.def->scratch_floats)
      scratch = std::max(scratch, filter.def->scratch_floats(weights_));
  scratch_ = Tensor(Shape{scratch});
  if (filters_.empty()) return;
  constexpr std::int64_t line = alignment / sizeof(float);
  const auto room = [&](const Tensor& t) {
    return (t.shape.n_elements() + line - 1) / line * line;
  };
  std::int64_t n = 0;
  for (const auto& [name, tensor] : weights_) n += room(tensor);
  filtered_ = Tensor(Shape{n});
  std::size_t at = 0;
  for (const auto& [name, tensor] : weights_) {
    filtered_parts_.push_back(filtered_.span().subspan(at, tensor.data.size()));
    filtered_gradients_.push_back(filtered_parts_.back());
    at += static_cast<std::size_t>(room(tensor));
  }
}

void UpdateRule::apply(std::int64_t step, const LossSurface& surface, ThreadPool& pool) noexcept {
  std::span<const ConstFloats> gradients = surface.gradients;
  for (const Filter& filter : filters_) {
    filter.def->apply({filter.params, step, gradients, filtered_parts_, weights_, filter.state,
                       scratch_.span(), surface, pool});
    gradients = filtered_gradients_;
  }
  optimizer_.update({params_, step, rate_.factor(step), gradients, weights_, state_,
                     scratch_.span(), surface, pool});
}

}  // namespace grok
