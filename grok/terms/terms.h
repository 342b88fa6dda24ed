#pragma once
// All terms of a spec, sections [terms.LABEL]: added to the graph of a step, and what they keep
// from step to step. The trainer calls this and knows no term by name.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "grok/base/tensor.h"
#include "grok/terms/term.h"

namespace grok::terms {

/// One section [terms.LABEL].
struct Term {
  std::string label;
  Params params;
  const TermDef* def = nullptr;
};

/// Of the section [terms], in the order of its keys.
std::vector<Term> all_of(const Params& section);

/// Throws Error{usage} where a term has no meaning for the task and the model.
void require(const Params& section, const TaskData& task, const Params& model);

/// True if a term reads logits or hook points of all examples.
bool read_examples(const Params& section);

/// Adds each term's value to the graph, as output "term.LABEL", and returns the loss with all of
/// them, times their weights: a float64 scalar. One of weight 0 is computed and not added.
///   all_answers  [n_examples, d_vocab_out]; no_node where no term reads examples
NodeId add(Graph& graph, const Params& section, const TaskData& task, const Params& model,
           NodeId all_answers, NodeId loss);

/// What the terms take from these weights, by label: the state of a run that begins with them. The
/// graph has an input "terms.LABEL" for each.
NamedTensors read(const Params& section, const TaskData& task, const Params& model,
                  const Weights& weights, ThreadPool& pool);

/// Reads anew, into the tensors that are there, what is due after `step` updates: of each term
/// every `reread_every` steps. Allocates only where one is due.
void reread(std::span<const Term> terms, const TaskData& task, const Params& model,
            std::int64_t step, const Weights& weights, ThreadPool& pool, NamedTensors& state);

}  // namespace grok::terms
