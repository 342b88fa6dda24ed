#pragma once
// Which frequencies a network uses. Four rules are in circulation and do not always
// agree, so each has its own function. All return frequencies in increasing order.

#include <span>
#include <vector>

#include "grok/analysis/neurons.h"
#include "grok/base/tensor.h"

namespace grok {

/// The frequencies that stand out in a list of norms, entry k-1 for frequency k: those above a
/// sixth of the largest, and above four times the lower quartile.
///
/// The first bound leaves out the small peaks of a finished network (in the reference network they
/// reach 0.08 of the largest, its key frequencies start at 0.5); the second leaves out everything
/// while no frequency has risen, when all norms are alike. It is the quartile and not the median so
/// that at a small p up to three quarters of all frequencies may be key.
///   norms    [n_freq]   of 0 or more
///   returns  nothing for norms that are all alike, or NaN
std::vector<int> outstanding_frequencies(Doubles norms);

/// (a) The frequencies that dominate at least one neuron, at a share of its variance of at least
/// `threshold`. The paper's code takes 0: every neuron counts, however mixed.
///   source   Colab and code of Nanda et al. 2023; with 0.85 its neuron clusters
std::vector<int> neuron_rule(std::span<const NeuronFrequency> neurons, double threshold);

/// (b) The frequencies that stand out in the embedding and are used downstream, which is to say
/// that they stand out in the neuron-logit map too. The paper's main text says "non-negligible" and
/// gives no number; `outstanding_frequencies` is our reading. Its own run has a sixth frequency
/// in W_E that nothing uses.
///   embedding_norms    [n_freq]   frequency norms of W_E
///   neuron_logit_norms [n_freq]   frequency norms of W_L = W_U W_out
std::vector<int> embedding_rule(Doubles embedding_norms, Doubles neuron_logit_norms);

/// (c) The frequencies that stand out in the neuron-logit map: "nontrivial coefficients" of its
/// Fourier transform in the paper's appendix C.2, without a number; the same reading.
std::vector<int> neuron_logit_rule(Doubles neuron_logit_norms);

/// (d) The frequencies of which the cosine's or the sine's norm in W_E exceeds a quarter of the
/// largest of all p component norms.
///   component_norms  [p]
///   source           TransformerLens's grokking demo
std::vector<int> quarter_of_largest_rule(Doubles component_norms);

}  // namespace grok
