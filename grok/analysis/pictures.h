#pragma once
// What is drawn of a network that adds by waves: the numbers on the circle of a frequency, and its
// logits against how far a class is from the sum.

#include <vector>

#include "grok/analysis/fourier.h"
#include "grok/base/tensor.h"

namespace grok {

/// Where an embedding puts the numbers 0 .. p-1 in the plane of a frequency k: the plane that its
/// cosine and sine components span. Two orthogonal axes of unit length, the first along the cosine
/// component. A clean circle has them k steps apart around it.
///   embedding  [p, d]
///   k          1 .. (p-1)/2
///   returns    [p, 2]; zeros along an axis that the embedding does not have
///   cost       p * d multiply-adds, a few times
///   source     Nanda et al. 2023, arXiv:2301.05217, figure 3
std::vector<double> circle_of_frequency(const FourierBasis& basis, Doubles embedding, int k);

/// Mean logit of the classes c that lie d = (a + b - c) mod p behind the sum, over all inputs: of a
/// network that adds by waves, the sum of cos(w_k d) over its key frequencies.
///   logits   [p * p, p]   row a * p + b
///   returns  [p]          entry d
std::vector<double> logits_by_distance(Doubles logits, int p);

/// Length, over the columns, of each 2D Fourier component of a table over all pairs (a, b).
///   table    [p * p, n]   row a * p + b
///   returns  [p * p]      row f * p + g of the basis
///   cost     2 * p^3 * n multiply-adds
std::vector<double> spectrum_of_pairs(const FourierBasis& basis, Doubles table);

/// The waves in a of each column of a table over all pairs (a, b), mean over b: the mean is
/// constant + sum over k of c_k cos(w_k a) + s_k sin(w_k a), w_k = 2 pi k / p.
///   table    [p * p, n]   row a * p + b
///   returns  [n, n_freq, 2]: c_k, s_k
///   cost     p * n * (2 p) additions and multiply-adds
std::vector<float> waves_of_first(const FourierBasis& basis, ConstFloats table);

}  // namespace grok
