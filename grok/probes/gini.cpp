#include "grok/analysis/gini.h"

#include "grok/analysis/fourier.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

// How unequal the Fourier norms are: 0 if all frequencies are alike, near 1 if few hold all. The
// paper does not say of which norms, so both are measured.
//
//   gini.W_E, gini.W_L                          of the p component norms
//   gini.W_E.frequencies, gini.W_L.frequencies  of the (p-1)/2 norms sqrt(cos^2 + sin^2)
//   source  Nanda et al. 2023, arXiv:2301.05217, section 5.1; Hurley and Rickard 2009
namespace grok {
namespace {

void measure(const ProbeInput& input, Measurements& out) {
  const Doubles embedding = input.embedding_components();
  const Doubles neuron_logit = input.neuron_logit_components();
  out.add("gini.W_E", gini(embedding));
  out.add("gini.W_E.frequencies", gini(frequency_norms(embedding)));
  out.add("gini.W_L", gini(neuron_logit));
  out.add("gini.W_L.frequencies", gini(frequency_norms(neuron_logit)));
}

bool applies(const TaskData& task, const Params& model) {
  return has_modular_embedding(task, model) && has_modular_mlp(task, model);
}

}  // namespace

const ProbeDef& probes::gini() {
  static constexpr ProbeDef def{
      .name = "gini",
      .meaning = "Gini coefficient of the Fourier norms of W_E and of W_L = W_U W_out",
      .source = "Nanda et al. 2023, arXiv:2301.05217, section 5.1; Hurley and Rickard 2009",
      .applies = applies,
      .measure = measure};
  return def;
}

}  // namespace grok
