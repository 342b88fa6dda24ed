#pragma once
// Is a network that adds mod p a clock, which multiplies waves of a and b, or a pizza, which adds
// them up? Measures that tell the two apart.
//   source  Zhong, Liu, Tegmark, Andreas 2023, "The clock and the pizza", arXiv:2306.17844

#include <vector>

#include "grok/base/tensor.h"

namespace grok {

/// How little a number that depends on (a, b) depends on the distance a - b: the standard deviation
/// along s = a + b at fixed d = a - b (both mod p), mean over d, as a share of the standard
/// deviation over all inputs. Deviations are of the population.
///   values   [p * p]   row a * p + b; p odd
///   returns  0 if all depends on the distance, 1 if nothing does; 0 if the values are all equal
double distance_irrelevance(Doubles values, int p);

/// How far the first four principal components of an embedding are circles: of each, over the p
/// tokens, the largest share of its sum of squares that one frequency has, at most 1; their mean.
///   rows     [p, d]   one per token; their mean is taken off
///   returns  0 to 1; a component without variance counts as 0
double circularity(Doubles rows, int p);

/// An embedding that lies on one circle: its rows on two principal components that share a
/// frequency.
struct EmbeddingCircle {
  int frequency = 0;         // 1 .. (p-1)/2, of which both components have most
  std::vector<double> rows;  // [p, d]   with their mean restored
};

/// The circles among the first 16 principal components: the first and second, the third and fourth
/// and so on, where both have most of the same frequency; the largest first.
///   rows   [p, d]   one per token
std::vector<EmbeddingCircle> embedding_circles(Doubles rows, int p);

/// Shares of the variance of logits, about their one common mean, that lie along one direction:
/// cos(w (a + b - c)) of a clock, |cos(w (a - b) / 2)| cos(w (a + b - c)) of a pizza, with w = 2 pi
/// k / p.
///   logits   [p * p, p]   row a * p + b
struct ClockAndPizza {
  double clock = 0;
  double pizza = 0;
};
ClockAndPizza clock_and_pizza(Doubles logits, int p, int frequency);

}  // namespace grok
