#pragma once
// The streams of Python's `random` module and of NumPy's legacy `RandomState`, with which published
// runs split and drew their data.

#include <bit>
#include <cstdint>
#include <span>
#include <utility>

#include "grok/base/mersenne_twister.h"

namespace grok {

/// What `random.seed(seed)` sets up, for a whole seed of 0 or more.
class PythonRandom {
 public:
  explicit PythonRandom(std::uint64_t seed);

  /// As `random.random()`: in [0, 1), a multiple of 2^-53.
  double random();
  /// As `random.randrange(n)`, for n of 1 or more.
  std::uint32_t randrange(std::uint32_t n);

  /// As `random.shuffle(items)`.
  template <class T>
  void shuffle(std::span<T> items) {
    for (std::size_t i = items.size(); i-- > 1;)
      std::swap(items[i], items[randrange(static_cast<std::uint32_t>(i + 1))]);
  }

 private:
  MersenneTwister bits_;
};

/// What `numpy.random.RandomState(seed)` sets up, for a seed below 2^32.
class NumpyRandom {
 public:
  explicit NumpyRandom(std::uint32_t seed) : bits_(seed) {}

  /// As one element of `randint(low, high)`; low < high, at most 2^32 - 1 apart.
  std::int64_t randint(std::int64_t low, std::int64_t high);

  /// As `shuffle(items)` of a list or of a one-dimensional array.
  template <class T>
  void shuffle(std::span<T> items) {
    for (std::size_t i = items.size(); i-- > 1;)
      std::swap(items[i], items[bits_.masked_at_most(static_cast<std::uint32_t>(i))]);
  }

 private:
  MersenneTwister bits_;
};

}  // namespace grok
