#pragma once
// Projections on waves, as nodes of a step's graph. What varies with one of p numbers x is summed
// over the inputs that share x first; then a projection on waves of x is a product with a matrix of
// p rows, whatever the number of frequencies.

#include <cstdint>
#include <vector>

#include "grok/spec/fields.h"
#include "grok/terms/term.h"

namespace grok::terms {

/// A number mod p that belongs to each input (a, b), row a * p + b.
enum class Along { a, b, sum, difference };
TokenTensor index_along(int p, Along along);  // [p * p]

/// Sums of the rows of a table [p * p, n] that share the number: [p, n].
NodeId sums_along(Graph& graph, NodeId table, int p, Along along);

/// Whether the mean over the p rows is one of the waves.
enum class Constant { left_out, kept };

/// The orthogonal projection, over the p rows, on the waves of the term's frequencies. Of fixed
/// ones Q Q^T x, with Q [p, 2 n_keys] their cosines and sines; of key frequencies Q diag(mask) Q^T
/// x with all of them, and the mask as an input that says which count.
///   rows  [p, n]
NodeId onto_waves(const TermGraph& term, NodeId rows, Constant constant);

/// Throws Error{usage} unless the task is addition mod an odd p and the frequencies are sound: what
/// terms of the waves of a + b need.
void require_sum_waves(const TermSite& site);

/// The pairs on which a loss is taken, as a setting.
Field rows_field();

/// The logits of the residues on all inputs, without other classes: [p * p, p].
NodeId class_logits(const TermGraph& term);

/// The rows of the table on which a loss is taken: those of the training split, or all.
std::vector<std::int32_t> rows_of_split(const TermGraph& term);

}  // namespace grok::terms
