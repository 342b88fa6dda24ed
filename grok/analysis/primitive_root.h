#pragma once
// The residues mod a prime that are not 0, as powers of one of them: their products are sums of
// exponents.

#include <vector>

namespace grok {

bool is_prime(int p);

/// g^0, g^1, .. g^(p-2) mod p, all of 1 .. p-1, with g the least that gives all.
///   p   a prime
std::vector<int> powers_of_primitive_root(int p);

}  // namespace grok
