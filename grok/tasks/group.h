#pragma once
// Finite groups as multiplication tables: pure mathematics, for tasks and for probes of what was
// learnt. Element 0 is always the identity.

#include <cstdint>
#include <span>
#include <vector>

namespace grok {

struct Group {
  std::int32_t order = 0;
  std::vector<std::int32_t> table;     // [order, order]   row a, column b: the product a b
  std::vector<std::int32_t> inverses;  // [order]

  std::int32_t product(std::int32_t a, std::int32_t b) const {
    return table[static_cast<std::size_t>(a * order + b)];
  }
  std::int32_t inverse(std::int32_t a) const { return inverses[static_cast<std::size_t>(a)]; }
};

/// The permutations of 0 .. n-1 in lexicographic order, each as the list of images.
std::vector<std::vector<std::int32_t>> permutations_of(int n);

/// All permutations of n things, numbered as in `permutations_of`. In a product the left factor
/// acts first: (a b)[i] = b[a[i]].
///   n   from 1 to 7
Group symmetric_group(int n);

/// The 2 n symmetries of a regular n-gon: k < n is the turn r^k, and n + k is r^k s, where s is a
/// reflection: s r = r^-1 s. Products are read as words: r^j s r^k = r^(j-k) s.
///   n   at least 1
Group dihedral_group(int n);

/// The product of cyclic groups of these orders: lists of numbers, added place by place, each mod
/// its order. An element's number has them as digits, the first the most significant.
///   orders   each at least 1; none gives the group of one element
Group cyclic_product(std::span<const std::int64_t> orders);

}  // namespace grok
