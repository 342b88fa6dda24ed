#pragma once
// Eigenvalues of a real matrix that need not be symmetric.

#include <vector>

#include "grok/base/tensor.h"

namespace grok {

struct Eigenvalue {
  double real = 0;
  double imaginary = 0;
  double modulus() const;
};

/// The n eigenvalues, each as often as it counts, by modulus, the largest first; of a pair, the one
/// with the positive imaginary part first. Hessenberg's form by reflections, then Francis's QR
/// steps with two shifts: plain loops and no function but sqrt, the same bits everywhere.
///   a        [n, n]
///   returns  NaN throughout if an element is not finite, or, which has not been seen, the steps do
///            not converge
///   cost     about 10 n^3 multiply-adds
///   source   Golub and Van Loan, "Matrix Computations", sections 7.4 and 7.5
std::vector<Eigenvalue> eigenvalues(Doubles a, int n);

}  // namespace grok
