#include <algorithm>
#include <string>

#include "grok/filters/filter.h"
#include "grok/kernels/mean_step.h"
#include "grok/spec/fields.h"

// Amplifies what is slow in the gradients: the mean of the last ones, of a window, is added to
// them. Until the window is full nothing is added, as in the authors' code. All the window's
// gradients are state: they make a keyframe as much longer.
//
//   source  Lee et al. 2024, arXiv:2405.20233
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{
      {integer_field("window", 100, from_to(1, 1000), "How many gradients the mean is taken of."),
       real_field("lambda", 5.0, at_least(0), "How much of the mean is added.")}};
  return schema;
}

// Of each weight the gradients' sum in two parts, then the gradients.
NamedTensors init(const Params& params, const Weights& weights) {
  NamedTensors state;
  state.add("n_seen", Tensor(Shape{1}));
  for (const auto& [name, tensor] : weights) {
    for (const char* part : {"sum_high.", "sum_low."}) state.add(part + name, Tensor(tensor.shape));
    for (std::int64_t i = 0; i < params.integer("window"); ++i)
      state.add("gradient_" + std::to_string(i) + "." + name, Tensor(tensor.shape));
  }
  return state;
}

void apply(const FilterCall& call) noexcept {
  const std::int64_t window = call.params.integer("window");
  float& n_seen = call.state[0][0];
  n_seen = std::min(n_seen + 1, static_cast<float>(window));
  const bool is_full = n_seen == static_cast<float>(window);
  const double factor = is_full ? call.params.real("lambda") / static_cast<double>(window) : 0;
  const auto place = static_cast<std::size_t>(call.step % window);
  const auto of_weight = static_cast<std::size_t>(window + 2);
  for (std::size_t i = 0; i < call.in.size(); ++i) {
    const auto state = call.state.subspan(1 + i * of_weight, of_weight);
    window_step(factor, call.in[i], state[2 + place], state[0], state[1], call.out[i], call.pool);
  }
}

}  // namespace

const FilterDef& filters::grokfast_ma() {
  static constexpr FilterDef def{.name = "grokfast_ma",
                                 .meaning = "adds the mean of the last gradients",
                                 .source = "Lee et al. 2024, arXiv:2405.20233",
                                 .schema = schema,
                                 .init = init,
                                 .apply = apply};
  return def;
}

}  // namespace grok
