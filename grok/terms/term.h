#pragma once
// What a loss may have beside itself: a number made of the network, times a weight. It may read the
// weights, or what the network makes of all examples at once. To add one, copy excluded.cpp and put
// its name into catalog.def.

#include <span>
#include <string>
#include <string_view>

#include "grok/base/threads.h"
#include "grok/graph/graph.h"
#include "grok/spec/schema.h"
#include "grok/tasks/task.h"

namespace grok {

/// A term in its place: what the spec says of it, of which task and model.
struct TermSite {
  const TaskData& task;
  const Params& model;
  const Params& params;  // of the term, "name" among them
  std::string label;     // [terms.LABEL]
};

/// The same while the step's graph is built.
struct TermGraph {
  const TermSite& site;
  Graph& graph;        // with the model in it: weights and hook points by name
  NodeId all_answers;  // [n_examples, d_vocab_out], the logits of all examples; no_node for a term
                       // that does not read examples
  NodeId state;        // what `read` gave, as an input; no_node where it gave nothing
};

struct TermDef {
  std::string_view name;
  std::string_view meaning;
  std::string_view source;
  const Schema& (*schema)() = nullptr;
  /// Throws Error{usage} where it has no meaning for the task and the model.
  void (*require)(const TermSite& site) = nullptr;
  /// True if it reads logits or hook points: then a step computes all examples of the task, and
  /// trains on those of the split. Such a term couples train and test.
  bool (*reads_examples)(const Params& params) = nullptr;
  /// What it takes from the weights as they stand at a step, and keeps until it reads them again,
  /// every `reread_every` steps: the frequencies in use, say. A function of the weights alone, and
  /// part of a run's state. `state_shape` is its shape, whatever the weights; a scalar's, where
  /// with these params there is nothing to keep. Both null: never.
  Shape (*state_shape)(const TermSite& site) = nullptr;
  Tensor (*read)(const TermSite& site, const Weights& weights, ThreadPool& pool) = nullptr;
  /// Adds its value, without the weight: a float64 scalar.
  NodeId (*value)(const TermGraph& term) = nullptr;
};

namespace terms {
#define GROK_TERM(name) const TermDef& name();
#include "grok/terms/catalog.def"
#undef GROK_TERM

std::span<const TermDef* const> catalog();
/// Null if there is no term of that name.
const TermDef* find(std::string_view name);
}  // namespace terms

}  // namespace grok
