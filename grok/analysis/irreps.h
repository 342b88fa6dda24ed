#pragma once
// The irreducible representations of the symmetric group, by their characters, and how much of a
// function on the group lies in each.

#include <cstdint>
#include <span>
#include <vector>

#include "grok/base/tensor.h"

namespace grok {

/// Parts in decreasing order.
using Partition = std::vector<int>;

/// All partitions of n: (n), (n-1, 1), (n-2, 2), (n-2, 1, 1) and so on to (1, .., 1). Each names an
/// irreducible representation of S_n (the first the trivial one, the last the sign), and a class of
/// conjugates by its cycles' lengths.
std::vector<Partition> partitions(int n);

/// The lengths of a permutation's cycles.
///   images   a permutation of 0 .. n-1
Partition cycle_lengths(std::span<const std::int32_t> images);

/// The character of a representation on a class.
///   source   the rule of Murnaghan and Nakayama
std::int64_t character(const Partition& representation, const Partition& cycles);

/// The share of the sum of squares of f in each irreducible representation (its isotypic part): the
/// length of P f over that of f, squared, with (P f)(x) = d/|G| sum over g of chi(g^-1) f(g x), d
/// the dimension of the representation. Left and right multiplication give the same.
///   f              [n!, width]  a row per permutation
///   permutations   [n!]         each as the list of its images
///   returns        [n_partitions]   in the order of `partitions`; sums to 1; 0 if f is 0
///   cost           (n!)^2 width / 2 multiply-adds
std::vector<double> shares_of_irreps(Doubles f,
                                     std::span<const std::vector<std::int32_t>> permutations);

}  // namespace grok
