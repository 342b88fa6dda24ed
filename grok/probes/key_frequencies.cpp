#include "grok/analysis/key_frequencies.h"

#include "grok/analysis/fourier.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

// The frequencies that the network uses, by each rule in circulation, in increasing order. A list
// is left out while it is empty.
//
//   key_frequencies.embedding           stand out in W_E and in W_L: the default rule; our reading
//                                       of the paper's main text
//   key_frequencies.neuron_logit        stand out in W_L = W_U W_out: the paper's appendix C.2
//   key_frequencies.neurons             explain 0.85 or more of some neuron's variance
//   key_frequencies.any_neuron          explain more than any other of some neuron's variance: the
//                                       paper's code (but for the last frequency, which it skips)
//   key_frequencies.quarter_of_largest  a component in W_E above a quarter of the largest
//   source  Nanda et al. 2023, arXiv:2301.05217, and its code; TransformerLens's grokking demo
namespace grok {
namespace {

void add_list(const char* name, const std::vector<int>& keys, Measurements& out) {
  if (!keys.empty()) out.add(name, std::vector<double>(keys.begin(), keys.end()));
}

void measure(const ProbeInput& input, Measurements& out) {
  const std::vector<double> neuron_logit = frequency_norms(input.neuron_logit_components());
  const Doubles components = input.embedding_components();
  add_list("key_frequencies.embedding", embedding_rule(frequency_norms(components), neuron_logit),
           out);
  add_list("key_frequencies.neuron_logit", neuron_logit_rule(neuron_logit), out);
  add_list("key_frequencies.neurons", neuron_rule(input.neurons(), cluster_threshold), out);
  add_list("key_frequencies.any_neuron", neuron_rule(input.neurons(), 0), out);
  add_list("key_frequencies.quarter_of_largest", quarter_of_largest_rule(components), out);
}

bool applies(const TaskData& task, const Params& model) {
  return has_modular_embedding(task, model) && has_modular_mlp(task, model);
}

}  // namespace

const ProbeDef& probes::key_frequencies() {
  static constexpr ProbeDef def{
      .name = "key_frequencies",
      .meaning = "the frequencies that the network uses, by each of the rules in circulation",
      .source =
          "Nanda et al. 2023, arXiv:2301.05217, sections 4.1, 4.2, appendix C.2, and its "
          "code; TransformerLens's grokking demo",
      .hooks = neurons_alone,
      .applies = applies,
      .measure = measure};
  return def;
}

}  // namespace grok
