#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

// Loss of the key frequencies alone: the logits' components along cos and sin of w_k (a + b), taken
// over all inputs, with each output's mean restored; p classes, without '='. It falls while the
// test loss is still high: the circuit is there before it is seen.
//
//   restricted_loss, restricted_accuracy              on all p * p pairs; nats per example, share
//   restricted_train_loss, restricted_train_accuracy  on the train split
//   restricted_test_loss, restricted_test_accuracy    on the test split
//   source  Nanda et al. 2023, arXiv:2301.05217, section 5.1; "trig loss" in its code
namespace grok {
namespace {

void add_losses(const std::string& prefix, const ProbeInput& input, Rows rows, Measurements& out) {
  if (rows.empty()) return;
  const LossAndAccuracy got = restricted_loss(input.spectrum(), input.key_frequencies(), rows);
  out.add(prefix + "_loss", got.loss);
  out.add(prefix + "_accuracy", got.accuracy);
}

void measure_with_keys(const ProbeInput& input, Measurements& out) {
  add_losses("restricted", input, all_rows(input.task().n_examples()), out);
  add_losses("restricted_train", input, input.task().train, out);
  add_losses("restricted_test", input, input.task().test, out);
}

}  // namespace

const ProbeDef& probes::restricted_loss() {
  static constexpr ProbeDef def{.name = "restricted_loss",
                                .meaning = "loss of the key frequencies alone",
                                .source = "Nanda et al. 2023, arXiv:2301.05217, section 5.1",
                                .hooks = logits_alone,
                                .applies = adds_modulo_odd,
                                .measure_with_keys = measure_with_keys};
  return def;
}

}  // namespace grok
