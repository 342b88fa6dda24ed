#pragma once
// How unequal a set of sizes is.

#include "grok/base/tensor.h"

namespace grok {

/// Gini coefficient of sizes of 0 or more: 0 if all are equal, (n-1)/n if all but one are 0. With
/// x(1) <= ... <= x(n): the sum over i of (2i - n - 1) x(i), over n times the sum of x.
///   returns  in [0, 1); 0 if all are 0; NaN if one is NaN
///   throws   ContractBroken if there is none, or one is negative
///   source   Hurley and Rickard 2009, as used in Nanda et al. 2023, arXiv:2301.05217, section 5.1,
///            on the Fourier norms of W_E and W_L. The paper does not say whether of the p
///            components or of the (p-1)/2 frequencies: say which when reporting it.
double gini(Doubles sizes);

}  // namespace grok
