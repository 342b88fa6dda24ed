#include <numeric>

#include "grok/analysis/fourier.h"
#include "grok/base/error.h"
#include "grok/kernels/matmul.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

namespace grok {
namespace {

std::vector<double> widened(ConstFloats x) { return {x.begin(), x.end()}; }

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
// null where there is none.
std::vector<double> neuron_logit_map(const Tensor& W_out, const Tensor& W_U, const Tensor* gain,
                                     int p, ThreadPool& pool) {
  std::vector<double> a = widened(W_U.span());    // [d_model, d_vocab_out]
  std::vector<double> b = widened(W_out.span());  // [d_mlp, d_model]
  if (gain) through_layer_norm(b, a, gain->span());
  const std::int64_t d_mlp = W_out.shape[0], d_model = W_out.shape[1];
  std::vector<double> out(static_cast<std::size_t>(p * d_mlp));
  const MatmulOf<double> product{.a = a.data(),
                                 .lda = W_U.shape[1],
                                 .transpose_a = true,
                                 .b = b.data(),
                                 .ldb = d_model,
                                 .transpose_b = true,
                                 .c = out.data(),
                                 .ldc = d_mlp,
                                 .m = p,
                                 .n = d_mlp,
                                 .k = d_model};
  const std::int64_t bytes = matmul_scratch_bytes<double>(d_mlp, d_model, pool.n_threads());
  AlignedVector<std::byte> scratch(static_cast<std::size_t>(bytes));
  matmul(product, scratch, pool);
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

Doubles ProbeInput::embedding_components() const {
  if (embedding_components_.empty()) {
    const Tensor& W_E = weights_.at("embed.W_E");
    const auto numbers = static_cast<std::size_t>(p() * W_E.shape[1]);
    embedding_components_ = component_norms(FourierBasis(p()), widened(W_E.span().first(numbers)));
  }
  return embedding_components_;
}

Doubles ProbeInput::neuron_logit_components() const {
  if (neuron_logit_components_.empty()) {
    const Tensor& W_out = weights_.at(last_block(task_, model_) + "mlp.W_out");
    const Tensor& W_U = weights_.at("unembed.W_U");
    neuron_logit_components_ = component_norms(
        FourierBasis(p()), neuron_logit_map(W_out, W_U, weights_.find("ln_final.w"), p(), pool_));
  }
  return neuron_logit_components_;
}

std::span<const NeuronFrequency> ProbeInput::neurons() const {
  if (neurons_.empty()) {
    const std::string hook = last_block(task_, model_) + "mlp.hook_post";
    const auto n = static_cast<int>(captures().shape(hook)[1]);
    neurons_ = dominant_frequencies(neuron_spectrum(captures().at(hook), p(), n, pool_));
  }
  return neurons_;
}

}  // namespace grok
