#pragma once
// What several edits do.

#include <string>

#include "grok/edits/edit.h"

namespace grok {

/// The weight of that name.
///   throws   Error{usage} with the nearest name
Tensor& weight_named(const EditCall& call, const std::string& name);

/// How many blocks there are, each with a weight of that name, as "attn.W_V".
///   what     what a model without any lacks, as a message says it
///   throws   Error{usage} if there is none
std::int64_t n_blocks_with(const EditCall& call, const std::string& weight, const char* what);

/// "blocks.L.", L being params' "layer".
///   throws   Error{usage} if there are no more than L
std::string block_in_question(const EditCall& call, std::int64_t n_blocks);

/// The weights that params' list "tensors" names; all where it is empty.
Texts weights_in_question(const EditCall& call);

/// An element of a weight is set to zero, and with it what the optimizer remembers of it: else the
/// moments would move it away again.
void clear(const EditCall& call, const std::string& weight, std::size_t element);

/// Calls `change` with every tensor of the optimizer's state, and of its filters', that remembers
/// gradients of a weight.
void each_moment(const EditCall& call, const std::string& weight,
                 const std::function<void(Tensor&)>& change);

/// Multiplies what varies as cos or sin of 2 pi k x / p, x a token or an answer, by `factor`, in
/// the embedding or the unembedding. Sums in double, in a fixed order.
///   reads    params "frequency" and "of"
void scale_frequency_by(const EditCall& call, double factor);

/// The fields that both edits of frequencies have.
Field frequency_field();
Field of_field();
/// Which block, counted from 0, the first if left out.
Field layer_field();
/// A list of weights' names; none stands for all.
Field tensors_field(std::string meaning);

}  // namespace grok
