#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

// How far the logits are a sum of the waves cos(w_k (a + b - c)), which is what the algorithm of
// the paper computes.
//
//   cos_coefficients [n_freq]  entry k-1: the logits' component along cos(w_k (a + b - c)), a unit
//                              vector over the p^3 logits; in logits times p^1.5
//   trig_fit_explained         share of the logits' variance about their one mean that a least-
//                              squares fit by the waves of the key frequencies explains, 0 to 1
//   trig_fit_loss              loss of the fitted logits in nats, the same for every input
//   source  Nanda et al. 2023, arXiv:2301.05217, section 4.1
namespace grok {
namespace {

void measure(const ProbeInput& input, Measurements& out) {
  out.add("cos_coefficients", cos_coefficients(input.spectrum()));
}

void measure_with_keys(const ProbeInput& input, Measurements& out) {
  const TrigFit fit = trig_fit(input.spectrum(), input.key_frequencies());
  out.add("trig_fit_explained", fit.explained);
  out.add("trig_fit_loss", fit.loss);
}

}  // namespace

const ProbeDef& probes::trig_fit() {
  static constexpr ProbeDef def{
      .name = "trig_fit",
      .meaning = "share of the logits' variance that waves of a + b - c explain, and their loss",
      .source = "Nanda et al. 2023, arXiv:2301.05217, section 4.1",
      .hooks = logits_alone,
      .applies = adds_modulo_odd,
      .measure = measure,
      .measure_with_keys = measure_with_keys};
  return def;
}

}  // namespace grok
