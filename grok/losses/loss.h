#pragma once
// What training makes small: a scalar of the graph, from logits and what they should be. To add one, copy
// cross_entropy.cpp and put its name into catalog.def.

#include <span>
#include <string_view>

#include "grok/graph/graph.h"
#include "grok/spec/schema.h"

namespace grok {

struct LossDef {
  std::string_view name;
  std::string_view meaning;
  std::string_view source;
  const Schema& (*schema)() = nullptr;
  /// Adds the loss of each row to the graph: float64, [rows].
  ///   logits  [rows, classes]
  ///   labels  [rows], int32; of a task with targets these instead, [rows, classes]
  NodeId (*rows)(Graph& graph, const Params& params, NodeId logits, NodeId labels) = nullptr;
  /// True if it can take targets, which are numbers, in place of labels.
  bool takes_targets = false;
};

namespace losses {
#define GROK_LOSS(name) const LossDef& name();
#include "grok/losses/catalog.def"
#undef GROK_LOSS

std::span<const LossDef* const> catalog();
/// Null if there is no loss of that name.
const LossDef* find(std::string_view name);
/// The loss of a spec's [loss] section.
const LossDef& of(const Params& section);
/// Adds its mean over the rows: a float64 scalar.
NodeId add_loss(Graph& graph, const Params& section, NodeId logits, NodeId labels);
}  // namespace losses

}  // namespace grok
