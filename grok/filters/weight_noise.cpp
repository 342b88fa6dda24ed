#include "grok/base/rng.h"
#include "grok/filters/other_weights.h"
#include "grok/kernels/normal_noise.h"
#include "grok/spec/fields.h"

// The gradient at weights with normal noise, drawn anew for each step, in place of the one here;
// the loss that is recorded is still the one here. From the stream "weight_noise" of the seed: draw
// i of it is the seed of weight i's noise.
//   source  openai/grok, its weight_noise; Power et al. 2022, arXiv:2201.02177
//   cost    a second evaluation per step
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{
      {real_field("sigma", 0.01, at_least(0), "Standard deviation of the noise."),
       seed_field("seed", "Of the noise.")}};
  return schema;
}

void apply(const FilterCall& call) noexcept {
  const Rng seeds(static_cast<std::uint64_t>(call.params.integer("seed")), "weight_noise");
  const double sigma = call.params.real("sigma");
  take_gradients_elsewhere(call, [&](std::size_t i, Floats w) {
    add_noise({.sigma = sigma, .seed = seeds.bits(i), .step = call.step}, w, w, call.pool);
  });
}

}  // namespace

const FilterDef& filters::weight_noise() {
  static constexpr FilterDef def{.name = "weight_noise",
                                 .meaning = "takes the gradient at weights with normal noise",
                                 .source = "Power et al. 2022, arXiv:2201.02177; openai/grok",
                                 .schema = schema,
                                 .scratch_floats = n_weights,
                                 .evaluates = true,
                                 .apply = apply};
  return def;
}

}  // namespace grok
