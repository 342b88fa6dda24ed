#include <numeric>

#include "grok/analysis/excluded_per_frequency.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

// Loss on the train split without some frequencies: it rises as the network comes to lean on them.
// Two flavours are in circulation. 2D takes away the logits' components along cos and sin of
// w_k (a + b), of every output; 3D takes away one direction per frequency, cos(w_k (a + b - c)).
// Directions are fitted over all inputs; p classes, without '='; nothing is restored.
//
// Each frequency alone, at any step, nats per example; entry k-1 is frequency k:
//   excluded_loss_2d, excluded_loss_3d [n_freq]
// All (p-1)/2 frequencies at once, at any step. The paper's published curves "excluded loss, full"
// are these (checked on its own run: 0.338 at step 1,000, where without the key frequencies alone
// it is 2e-4), though its text speaks of key frequencies:
//   excluded_loss_all_frequencies, excluded_loss_3d_all_frequencies
// All key frequencies at once:
//   excluded_loss, excluded_accuracy                  2D
//   excluded_loss_3d_full, excluded_accuracy_3d_full  3D
//   source  Nanda et al. 2023, arXiv:2301.05217, section 5.1
namespace grok {
namespace {

void measure(const ProbeInput& input, Measurements& out) {
  const ExcludedLosses got = excluded_losses_per_frequency(input.class_logits(), input.spectrum(),
                                                           input.task().train, input.pool());
  out.add("excluded_loss_2d", got.loss_2d);
  out.add("excluded_loss_3d", got.loss_3d);

  std::vector<int> all(got.loss_2d.size());
  std::iota(all.begin(), all.end(), 1);
  const Rows train = input.task().train;
  out.add("excluded_loss_all_frequencies",
          excluded_loss_2d(input.class_logits(), input.spectrum(), all, train).loss);
  out.add("excluded_loss_3d_all_frequencies",
          excluded_loss_3d(input.class_logits(), input.spectrum(), all, train).loss);
}

void measure_with_keys(const ProbeInput& input, Measurements& out) {
  const auto keys = input.key_frequencies();
  const Rows train = input.task().train;
  const LossAndAccuracy two = excluded_loss_2d(input.class_logits(), input.spectrum(), keys, train);
  out.add("excluded_loss", two.loss);
  out.add("excluded_accuracy", two.accuracy);
  const LossAndAccuracy three =
      excluded_loss_3d(input.class_logits(), input.spectrum(), keys, train);
  out.add("excluded_loss_3d_full", three.loss);
  out.add("excluded_accuracy_3d_full", three.accuracy);
}

}  // namespace

const ProbeDef& probes::excluded_loss() {
  static constexpr ProbeDef def{
      .name = "excluded_loss",
      .meaning = "train loss without each frequency, all of them, and all key frequencies",
      .source = "Nanda et al. 2023, arXiv:2301.05217, section 5.1",
      .hooks = logits_alone,
      .applies = adds_modulo_odd,
      .measure = measure,
      .measure_with_keys = measure_with_keys};
  return def;
}

}  // namespace grok
