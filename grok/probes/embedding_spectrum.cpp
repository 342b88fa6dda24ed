#include "grok/analysis/fourier.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

// How strongly the embedding of the numbers 0 .. p-1 ('=' left out) varies with each frequency.
//
//   embedding_spectrum [n_freq]  entry k-1: length, over d_model, of W_E's cosine and sine
//                                components of frequency k, sqrt(cos^2 + sin^2)
//   source  Nanda et al. 2023, arXiv:2301.05217, section 4.1
namespace grok {
namespace {

void measure(const ProbeInput& input, Measurements& out) {
  out.add("embedding_spectrum", frequency_norms(input.embedding_components()));
}

}  // namespace

const ProbeDef& probes::embedding_spectrum() {
  static constexpr ProbeDef def{.name = "embedding_spectrum",
                                .meaning = "norm of the embedding W_E at each frequency",
                                .source = "Nanda et al. 2023, arXiv:2301.05217, section 4.1",
                                .applies = has_modular_embedding,
                                .measure = measure};
  return def;
}

}  // namespace grok
