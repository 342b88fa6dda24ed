#pragma once
// Eigenvalues and eigenvectors of a symmetric matrix.

#include <vector>

#include "grok/base/tensor.h"

namespace grok {

struct SymmetricEigen {
  std::vector<double> values;   // [n]     the largest first
  std::vector<double> vectors;  // [n, n]  row i belongs to values[i]; orthonormal
};

/// By Jacobi's rotations, in cyclic order: the same bits everywhere.
///   a        [n, n]   symmetric; only its upper half is read
///   returns  NaN throughout if an element is not finite
///   cost     about 50 n^3 multiply-adds
SymmetricEigen symmetric_eigen(Doubles a, int n);

}  // namespace grok
