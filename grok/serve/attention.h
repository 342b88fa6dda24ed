#pragma once
// Where a network looks within one example: one of its sample, or one of the user's own.

#include "grok/serve/arrays.h"
#include "grok/serve/request.h"
#include "grok/serve/states.h"

namespace grok::serve {

/// Of the parameter `example`, an index of the sample, or of `tokens`, one for each position:
///   pattern    [n_layers, n_heads, n_ctx, n_ctx], query, then key
///   tokens     [n_ctx]
///   n_examples []       of the sample
/// of an example of the sample also
///   labels, loss        [n_answers], loss in nats; only where answers are classes
/// and of the user's own, where answers are classes at fixed positions
///   predicted, probability  [n_answers], the class of the largest logit
///   throws   Error{usage} if a parameter is out of range, or tokens are not as many as positions
Arrays attention_arrays(const State& state, const Request& request);

}  // namespace grok::serve
