#include "grok/base/error.h"
#include "grok/models/spectra.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

namespace grok {

ProbeInput::ProbeInput(const Params& model, const TaskData& task, const Weights& weights,
                       const Captures* captures, std::span<const int> key_frequencies,
                       ThreadPool& pool)
    : model_(model),
      task_(task),
      weights_(weights),
      captures_(captures),
      key_frequencies_(key_frequencies),
      pool_(pool) {}

const Captures& ProbeInput::captures() const {
  GROK_REQUIRE(captures_ != nullptr, "a probe without hooks reads captures");
  return *captures_;
}

int ProbeInput::p() const {
  GROK_REQUIRE(has_odd_modulus(task_), "the task has no odd modulus");
  return *task_.modulus;
}

Doubles ProbeInput::class_logits() const {
  if (class_logits_.empty())
    class_logits_ = grok::class_logits(captures().at("logits"), p(), task_.d_vocab_out);
  return class_logits_;
}

const SumSpectrum& ProbeInput::spectrum() const {
  if (!spectrum_) spectrum_ = sum_spectrum(class_logits(), p());
  return *spectrum_;
}

std::vector<double> ProbeInput::number_embedding() const {
  return grok::number_embedding(task_, model_, weights_);
}

Doubles ProbeInput::embedding_components() const {
  if (embedding_components_.empty())
    embedding_components_ = grok::embedding_components(task_, model_, weights_);
  return embedding_components_;
}

Doubles ProbeInput::neuron_logit_components() const {
  if (neuron_logit_components_.empty())
    neuron_logit_components_ = grok::neuron_logit_components(task_, model_, weights_, pool_);
  return neuron_logit_components_;
}

std::span<const NeuronFrequency> ProbeInput::neurons() const {
  if (neurons_.empty()) {
    const std::string hook = last_neurons(task_, model_)->hook;
    const auto n = static_cast<int>(captures().shape(hook)[1]);
    neurons_ = dominant_frequencies(neuron_spectrum(captures().at(hook), p(), n, pool_));
  }
  return neurons_;
}

}  // namespace grok
