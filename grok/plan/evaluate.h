#pragma once
// An op computed now, from constants: what the passes do when they take a part of a known index or
// of a mask.

#include <span>

#include "grok/graph/graph.h"

namespace grok {

/// The value of `op` on constants, by its plain loops in double, as the type that its rule gives.
/// Exact for ops that only move numbers; tokens are small integers, exact in double.
///   throws  ContractBroken as Graph::add
Constant evaluate(const OpDef& op, std::span<const Constant* const> inputs,
                  const Attributes& attributes);

/// The same for one input of tokens: an index under another shape, or a part of one.
TokenTensor evaluate(const OpDef& op, const TokenTensor& input, const Attributes& attributes);

}  // namespace grok
