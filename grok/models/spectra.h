#pragma once
// Of what waves a model's weights consist, for a task that is a function mod an odd p: of the
// embedding, and of the map from neurons to logits; and which frequencies it therefore uses.

#include <vector>

#include "grok/base/threads.h"
#include "grok/models/parts.h"

namespace grok {

/// The rows of the embedding for the numbers 0 .. p-1, in double: [p, d]. Needs a modular embedding
/// (parts.h), as the next does.
std::vector<double> number_embedding(const TaskData& task, const Params& model,
                                     const Weights& weights);

/// Norms of the p Fourier components of W_E, and of W_L = W_U W_out of the last layer: [p]. The
/// second needs a modular MLP.
std::vector<double> embedding_components(const TaskData& task, const Params& model,
                                         const Weights& weights);
std::vector<double> neuron_logit_components(const TaskData& task, const Params& model,
                                            const Weights& weights, ThreadPool& pool);

/// The key frequencies of these weights by the default rule (embedding_rule): a function of the
/// weights alone, the same for any number of threads. Empty where none stands out, where the task
/// has no odd modulus, or where the model has no such weights.
///   throws  ContractBroken if a weight is missing or has another shape
std::vector<int> key_frequencies(const TaskData& task, const Params& model, const Weights& weights,
                                 ThreadPool& pool);

}  // namespace grok
