#pragma once
// The loss that a run makes small, on the examples of the coming step: a metric of its own where
// the probes' train_loss is not the same number.
//
//   batch_loss              the spec's loss, mean over the step's answers, before the update; with
//                           its terms, times their weights
//   term.LABEL              the value of each term, without its weight
//   batch_loss_by_position  [n_answers] where examples have several answers and steps batches: mean
//                           over the step's examples

#include "grok/probes/probe.h"
#include "grok/spec/run_spec.h"
#include "grok/train/trainer.h"

namespace grok {

/// False for a run that trains by cross-entropy alone, without terms, on its whole training split:
/// train_loss says it.
bool records_batch_loss(const RunSpec& spec);

/// Adds them. Costs a step's gradient, which the trainer's coming step does not compute again.
void add_batch_loss(Trainer& trainer, Measurements& out);

}  // namespace grok
