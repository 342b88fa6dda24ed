#include "grok/analysis/fourier.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

// How strongly the map from neurons of the last layer to the logits of 0 .. p-1, W_L = W_U W_out,
// varies with each frequency of the output.
//
//   neuron_logit_spectrum [n_freq]  entry k-1: length, over the neurons, of W_L's cosine and sine
//                                   components of frequency k, sqrt(cos^2 + sin^2)
//   source  Nanda et al. 2023, arXiv:2301.05217, section 4.2 and appendix C.2
namespace grok {
namespace {

void measure(const ProbeInput& input, Measurements& out) {
  out.add("neuron_logit_spectrum", frequency_norms(input.neuron_logit_components()));
}

}  // namespace

const ProbeDef& probes::neuron_logit_spectrum() {
  static constexpr ProbeDef def{
      .name = "neuron_logit_spectrum",
      .meaning = "norm of the neuron-logit map W_L = W_U W_out at each frequency",
      .source = "Nanda et al. 2023, arXiv:2301.05217, section 4.2, appendix C.2",
      .applies = has_modular_mlp,
      .measure = measure};
  return def;
}

}  // namespace grok
