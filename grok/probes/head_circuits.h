#pragma once
// The two circuits of a head as products of its weights with embedding and unembedding, by their
// eigenvalues. Norms are passed over (a LayerNorm's gain and centring too), positions and biases as
// well: it is the path of the tokens through one head alone.
//
//   OV   W_E W_V W_O W_U [d_vocab, d_vocab_out]   which logits a token raises when it is looked at
//   QK   W_E W_Q W_K^T W_E^T [d_vocab, d_vocab]   which tokens a token looks at
//
// Both have at most d_head eigenvalues that are not nothing: those of the products taken the other
// way round, [d_head, d_head].
//   source  Elhage et al. 2021, "A mathematical framework for transformer circuits"

#include <vector>

#include "grok/analysis/eigenvalues.h"
#include "grok/probes/probe.h"

namespace grok {

/// Of all heads, layer by layer.
struct CircuitEigenvalues {
  std::int64_t n_layers = 0, n_heads = 0, d_head = 0;
  std::vector<std::vector<Eigenvalue>> of_head;  // [n_layers * n_heads], each d_head of them
};

/// Attention, and an embedding.
bool has_qk_circuit(const TaskData& task, const Params& model);
/// The same, as many tokens as classes, and an unembedding (perhaps the embedding's).
bool has_ov_circuit(const TaskData& task, const Params& model);

CircuitEigenvalues qk_eigenvalues(const ProbeInput& input);
CircuitEigenvalues ov_eigenvalues(const ProbeInput& input);

}  // namespace grok
