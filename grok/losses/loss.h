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
  /// Adds the mean loss over rows to the graph: a float64 scalar.
  ///   logits  [rows, classes];  labels  [rows], int32, or, where the loss takes them, targets
  ///   [rows, classes]
  NodeId (*build)(Graph& graph, const Params& params, NodeId logits, NodeId labels) = nullptr;
};

namespace losses {
#define GROK_LOSS(name) const LossDef& name();
#include "grok/losses/catalog.def"
#undef GROK_LOSS

std::span<const LossDef* const> catalog();
/// Null if there is no loss of that name.
const LossDef* find(std::string_view name);
/// Adds the loss of a spec's [loss] section.
NodeId add_loss(Graph& graph, const Params& section, NodeId logits, NodeId labels);
}  // namespace losses

}  // namespace grok
