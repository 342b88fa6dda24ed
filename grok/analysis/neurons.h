#pragma once
// Which frequency each neuron of a modular-addition network answers to, and how purely.

#include <map>
#include <span>
#include <vector>

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

/// Share of a neuron's variance that counts as "answers to one frequency" in Nanda et al. 2023.
inline constexpr double cluster_threshold = 0.85;

/// Per neuron, the share of its variance over all inputs that each frequency explains.
struct NeuronSpectrum {
  int n_neurons = 0;
  int n_frequencies = 0;
  std::vector<double> explained;  // [n_neurons, n_frequencies], column k-1 is frequency k
};

/// Fraction of variance explained by frequency k: after taking away the neuron's mean, the squares
/// of its 2D Fourier components in the rows and columns {0, 2k-1, 2k}, over the squares of all. A
/// neuron without variance gets 0 throughout.
///   activations  [p * p, n_neurons]   after the nonlinearity, at the last position; row a * p + b
///   throws       ContractBroken if p is below 3 or a size disagrees
///   cost         5 p^2 n additions and 4 p^2 n multiply-adds, in double; for p = 113 and n = 512
///                about 30 ms on one core. The same bits for any number of threads.
///   source       Nanda et al. 2023, arXiv:2301.05217, section 4.2
NeuronSpectrum neuron_spectrum(ConstFloats activations, int p, int n_neurons, ThreadPool& pool);

struct NeuronFrequency {
  int frequency = 0;  // with the largest share, the lowest if several; 0 if the neuron is constant
  double explained = 0;  // its share
};

/// One entry per neuron. `last_frequency` ends the search; 0 means all. The paper's code searches
/// range(1, p // 2) and so never finds the last one: pass n_frequencies - 1 to repeat it.
std::vector<NeuronFrequency> dominant_frequencies(const NeuronSpectrum& spectrum,
                                                  int last_frequency = 0);

/// How many neurons answer to each frequency, at or above the threshold. The others are in none.
std::map<int, int> neuron_clusters(std::span<const NeuronFrequency> neurons,
                                   double threshold = cluster_threshold);

}  // namespace grok
