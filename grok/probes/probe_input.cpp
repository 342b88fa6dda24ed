#include <numeric>

#include "grok/analysis/fourier.h"
#include "grok/base/error.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"
#include "grok/probes/products.h"

namespace grok {
namespace {

// What the last LayerNorm does between W_out and W_U but for the scale by which it divides an
// example: it takes the mean off what a neuron writes, and its gain stands before W_U.
void through_layer_norm(std::span<double> W_out, std::span<double> W_U, ConstFloats gain) {
  const std::size_t d_model = gain.size(), d_out = W_U.size() / d_model;
  for (std::size_t row = 0; row < W_out.size(); row += d_model) {
    const auto written = W_out.subspan(row, d_model);
    const double mean =
        std::accumulate(written.begin(), written.end(), 0.0) / static_cast<double>(d_model);
    for (double& x : written) x -= mean;
  }
  for (std::size_t i = 0; i < W_U.size(); ++i) W_U[i] *= static_cast<double>(gain[i / d_out]);
}

// W_L = (W_U W_out)^T of the first p outputs: [p, d_mlp]. `gain` is of the LayerNorm between them,
// null where there is none; W_out is null where W_U reads the neurons.
std::vector<double> neuron_logit_map(const Tensor* W_out, const Tensor& W_U, const Tensor* gain,
                                     int p, ThreadPool& pool) {
  std::vector<double> unembed = widened(W_U.span());
  const Matrix all{unembed, W_U.shape[0], W_U.shape[1]};
  std::vector<double> out;
  if (W_out) {
    std::vector<double> written = widened(W_out->span());
    if (gain) through_layer_norm(written, unembed, gain->span());
    const Matrix writes{written, W_out->shape[0], W_out->shape[1]};
    out = product(all.transposed(), writes.transposed(), pool);
  } else {
    for (std::int64_t c = 0; c < all.n_columns; ++c)
      for (std::int64_t i = 0; i < all.n_rows; ++i)
        out.push_back(unembed[static_cast<std::size_t>(i * all.n_columns + c)]);
  }
  out.resize(static_cast<std::size_t>(p) * out.size() / static_cast<std::size_t>(all.n_columns));
  return out;
}

}  // namespace

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
  const Tensor& W_E = weights_.at(embedding_weight(task_, model_));
  return widened(W_E.span().first(static_cast<std::size_t>(p() * W_E.shape[1])));
}

Doubles ProbeInput::embedding_components() const {
  if (embedding_components_.empty())
    embedding_components_ = component_norms(FourierBasis(p()), number_embedding());
  return embedding_components_;
}

Doubles ProbeInput::neuron_logit_components() const {
  if (neuron_logit_components_.empty()) {
    const LastNeurons last = *last_neurons(task_, model_);
    const Tensor* const W_out = last.W_out.empty() ? nullptr : &weights_.at(last.W_out);
    neuron_logit_components_ = component_norms(
        FourierBasis(p()),
        neuron_logit_map(W_out, weights_.at(last.W_U), weights_.find("ln_final.w"), p(), pool_));
  }
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
