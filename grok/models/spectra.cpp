#include "grok/models/spectra.h"

#include <numeric>

#include "grok/analysis/fourier.h"
#include "grok/analysis/key_frequencies.h"
#include "grok/base/float_environment.h"
#include "grok/models/products.h"

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

std::vector<double> number_embedding(const TaskData& task, const Params& model,
                                     const Weights& weights) {
  const Tensor& W_E = weights.at(embedding_weight(task, model));
  return widened(W_E.span().first(static_cast<std::size_t>(*task.modulus * W_E.shape[1])));
}

std::vector<double> embedding_components(const TaskData& task, const Params& model,
                                         const Weights& weights) {
  return component_norms(FourierBasis(*task.modulus), number_embedding(task, model, weights));
}

std::vector<double> neuron_logit_components(const TaskData& task, const Params& model,
                                            const Weights& weights, ThreadPool& pool) {
  const LastNeurons last = *last_neurons(task, model);
  const Tensor* const W_out = last.W_out.empty() ? nullptr : &weights.at(last.W_out);
  return component_norms(FourierBasis(*task.modulus),
                         neuron_logit_map(W_out, weights.at(last.W_U), weights.find("ln_final.w"),
                                          *task.modulus, pool));
}

std::vector<int> key_frequencies(const TaskData& task, const Params& model, const Weights& weights,
                                 ThreadPool& pool) {
  if (!has_modular_embedding(task, model) || !has_modular_mlp(task, model)) return {};
  // The pool's helpers flush denormals: so must this thread, or bits would depend on who works.
  const FlushDenormals flush;
  return embedding_rule(frequency_norms(embedding_components(task, model, weights)),
                        frequency_norms(neuron_logit_components(task, model, weights, pool)));
}

}  // namespace grok
