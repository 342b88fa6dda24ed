#pragma once
// A graph run as it stands, in double, by the ops' plain loops: slow, readable, and the judge of
// every pass and every kernel.

#include "grok/graph/graph.h"

namespace grok {

/// What the weights and inputs of a graph hold.
struct Bindings {
  NamedTensorsOf<double> reals;
  NamedTensorsOf<Token> tokens;
};

/// Values of all outputs, by name.
///   throws  ContractBroken if a leaf is not bound, or bound to another shape
///   cost    plain loops: seconds for a full-sized training step
NamedTensorsOf<double> interpret(const Graph& graph, const Bindings& bindings);

}  // namespace grok
