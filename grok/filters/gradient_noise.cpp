#include <cmath>

#include "grok/base/exact_math.h"
#include "grok/base/rng.h"
#include "grok/filters/filter.h"
#include "grok/kernels/normal_noise.h"
#include "grok/spec/fields.h"

// Normal noise on the gradients. Its variance falls with the steps where it is asked to:
//
//   variance of step t, from 0:   sigma^2 / (1 + t)^gamma
//
// Drawn from the stream "gradient_noise" of the seed: draw i of it is the seed of weight i's noise.
//   source  Neelakantan et al. 2015, arXiv:1511.06807: gamma = 0.55
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{
      {real_field("sigma", 1e-3, at_least(0), "Standard deviation at the first step."),
       real_field("gamma", 0.0, at_least(0), "How fast the variance falls; 0: not at all."),
       seed_field("seed", "Of the noise.")}};
  return schema;
}

void apply(const FilterCall& call) noexcept {
  const double gamma = call.params.real("gamma");
  const double fallen =
      gamma == 0 ? 1 : exact_exp(-gamma / 2 * exact_log(static_cast<double>(call.step + 1)));
  const Rng seeds(static_cast<std::uint64_t>(call.params.integer("seed")), "gradient_noise");
  for (std::size_t i = 0; i < call.in.size(); ++i)
    add_noise(
        {.sigma = call.params.real("sigma") * fallen, .seed = seeds.bits(i), .step = call.step},
        call.in[i], call.out[i], call.pool);
}

}  // namespace

const FilterDef& filters::gradient_noise() {
  static constexpr FilterDef def{.name = "gradient_noise",
                                 .meaning = "adds normal noise to the gradients",
                                 .source = "Neelakantan et al. 2015, arXiv:1511.06807",
                                 .schema = schema,
                                 .apply = apply};
  return def;
}

}  // namespace grok
