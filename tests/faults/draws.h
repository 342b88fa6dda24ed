#pragma once
// Random numbers in a row, from the library's own stateless ones: equal seeds, equal tests.

#include <cstdint>
#include <string_view>

#include "grok/base/rng.h"

namespace grok::faults {

class Draws {
 public:
  Draws(std::uint64_t seed, std::string_view stream) : rng_(seed, stream) {}
  /// In [0, n), n > 0.
  std::uint64_t below(std::uint64_t n) { return rng_.below(next_++, n); }
  /// True once in n times.
  bool once_in(std::uint64_t n) { return below(n) == 0; }

 private:
  Rng rng_;
  std::uint64_t next_ = 0;
};

}  // namespace grok::faults
