#include "grok/analysis/primitive_root.h"

#include <string>

#include "grok/base/error.h"

namespace grok {
namespace {

// 1, g, g^2, .. until 1 comes again.
std::vector<int> powers_of(int g, int p) {
  std::vector<int> out{1};
  for (long long x = g; x != 1; x = x * g % p) out.push_back(static_cast<int>(x));
  return out;
}

}  // namespace

bool is_prime(int p) {
  if (p < 2) return false;
  for (int f = 2; f <= p / f; ++f)
    if (p % f == 0) return false;
  return true;
}

std::vector<int> powers_of_primitive_root(int p) {
  GROK_REQUIRE(is_prime(p), std::to_string(p) + " is no prime");
  for (int g = 1;; ++g) {
    std::vector<int> powers = powers_of(g, p);
    if (static_cast<int>(powers.size()) == p - 1) return powers;
  }
}

}  // namespace grok
