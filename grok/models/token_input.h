#pragma once
// What models without an embedding read: all tokens of an example side by side, each as its
// features or, where the task gives none, one-hot.

#include "grok/models/model.h"

namespace grok {

/// Numbers per example: n_ctx times those of a token.
std::int64_t width_of_tokens(const ModelSizes& sizes);

/// The product of these numbers with W [width_of_tokens, n]: [batch, 1, n]. One-hot tokens are
/// looked up, not multiplied.
NodeId tokens_times(Graph& graph, const ModelSizes& sizes, NodeId tokens, NodeId W);

}  // namespace grok
