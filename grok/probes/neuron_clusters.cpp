#include "grok/analysis/neurons.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

// Which frequency each neuron of the last layer answers to, and how purely. A cluster is the
// neurons of one frequency that it explains to 0.85 or more: count them in the two arrays.
//
//   neuron_frequency [d_mlp]  the frequency that explains most of the neuron's variance over all
//                             inputs; 0 if it is constant
//   neuron_explained [d_mlp]  the share explained, 0 to 1
//   neurons_explained         share of neurons explained to 0.85 or more
//   source  Nanda et al. 2023, arXiv:2301.05217, section 4.2
namespace grok {
namespace {

void measure(const ProbeInput& input, Measurements& out) {
  std::vector<double> frequency, explained;
  double n_in_clusters = 0;
  for (const NeuronFrequency& n : input.neurons()) {
    frequency.push_back(n.frequency);
    explained.push_back(n.explained);
    if (n.explained >= cluster_threshold) ++n_in_clusters;
  }
  out.add("neurons_explained", n_in_clusters / static_cast<double>(frequency.size()));
  out.add("neuron_frequency", frequency);
  out.add("neuron_explained", explained);
}

}  // namespace

const ProbeDef& probes::neuron_clusters() {
  static constexpr ProbeDef def{
      .name = "neuron_clusters",
      .meaning = "each neuron's frequency, and the share of its variance that it explains",
      .source = "Nanda et al. 2023, arXiv:2301.05217, section 4.2",
      .hooks = neurons_alone,
      .applies = has_modular_mlp,
      .measure = measure};
  return def;
}

}  // namespace grok
