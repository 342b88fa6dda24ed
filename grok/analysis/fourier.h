#pragma once
// The real Fourier basis on 0 .. p-1, in which modular addition is easy to see.

#include <span>
#include <vector>

#include "grok/base/tensor.h"

namespace grok {

/// cos and sin of 2 pi m / p for m = 0 .. p-1, the same bits everywhere; angles k * x are reduced
/// mod p in whole numbers.
class Circle {
 public:
  /// p is 2 or more.
  explicit Circle(int p);
  int p() const { return static_cast<int>(cos_.size()); }
  /// cos(2 pi k x / p) and sin(2 pi k x / p), for k, x >= 0.
  double cos(long long k, long long x) const { return cos_[at(k, x)]; }
  double sin(long long k, long long x) const { return sin_[at(k, x)]; }

 private:
  std::size_t at(long long k, long long x) const { return static_cast<std::size_t>(k * x % p()); }

  std::vector<double> cos_, sin_;
};

/// The frequencies that have both a cosine and a sine: k = 1 .. (p-1)/2.
int n_frequencies(int p);

/// An orthonormal matrix F [p, p]: row 0 constant, row 2k-1 cos(2 pi k x/p), row 2k sin(2 pi k x/p)
/// for k = 1 .. (p-1)/2; for even p, the last row is +1, -1, +1, ... (over sqrt p).
///   source   Nanda et al. 2023, arXiv:2301.05217
class FourierBasis {
 public:
  /// p is 2 or more.
  explicit FourierBasis(int p);

  int p() const { return p_; }
  /// The frequency of a row: 0 for the constant, k for rows 2k-1 and 2k, p/2 for the alternating
  /// one.
  static int frequency(int row) { return (row + 1) / 2; }
  Doubles row(int i) const;

 private:
  int p_;
  std::vector<double> rows_;
};

/// F m: each column's components.
///   m        [p, d]
///   returns  [p, d]   row f is component f
///   cost     p * p * d multiply-adds
std::vector<double> fourier_transform(const FourierBasis& basis, Doubles m);

/// Both input axes at once: G[f, g] = sum over x, y of F[f, x] F[g, y] m[x, y], for each column.
///   m        [p * p, n]   row x * p + y
///   returns  [p * p, n]   row f * p + g
///   cost     2 * p^3 * n multiply-adds
std::vector<double> fourier_transform_2d(const FourierBasis& basis, Doubles m);

/// The length, over the d columns, of each of the p components of m [p, d]. Of an embedding, a row
/// per token ('=' left out); of the neuron-logit map W_L = W_U W_out, a row per output.
std::vector<double> component_norms(const FourierBasis& basis, Doubles m);

/// From p component norms to (p-1)/2 frequency norms: sqrt(cos^2 + sin^2); entry k-1 is frequency
/// k.
std::vector<double> frequency_norms(Doubles component_norms);

}  // namespace grok
