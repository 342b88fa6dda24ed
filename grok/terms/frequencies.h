#pragma once
// Which frequencies a term is about: given ones, all, or the key frequencies that the network has
// at the time. The last are read off the weights by the default rule (spectra.h) and stand until
// they are read again, so that a step is a function of the run's state alone.

#include <vector>

#include "grok/spec/fields.h"
#include "grok/terms/term.h"

namespace grok::terms {

Field weight_field();
Field frequencies_field();
Field reread_field();

/// Throws Error{usage} unless the task is a function mod an odd p, with one answer per example, and
/// the term's frequencies are distinct numbers in 1..(p-1)/2; where they are the key ones, also
/// unless the model has the weights from which they are read.
void require_frequencies(const TermSite& site);

/// True where the term's frequencies are those that the network has.
bool are_key(const TermSite& site);
/// The others, in the order of the spec.
std::vector<int> fixed_frequencies(const TermSite& site);

/// [p] where they are the key ones, else a scalar's.
Shape mask_shape(const TermSite& site);
/// The key frequencies as a mask over the rows of FourierBasis(p): 1 at the cosine and the sine of
/// each, else 0; at the constant 0, or 1.
Tensor mask_of_waves(const TermSite& site, const Weights& weights, ThreadPool& pool);
Tensor mask_of_waves_and_constant(const TermSite& site, const Weights& weights, ThreadPool& pool);

}  // namespace grok::terms
