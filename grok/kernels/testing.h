#pragma once
// For the tests of this folder: random inputs, comparison, and every target in turn.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "grok/base/tensor.h"
#include "grok/kernels/target.h"

namespace grok::testing {

/// Uniform in [-1, 1), from a counter: the same on every machine.
template <class T = float>
std::vector<T> random_numbers(std::int64_t n, std::uint64_t seed) {
  std::vector<T> out(static_cast<std::size_t>(n));
  std::uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
  for (T& x : out) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    x = static_cast<T>(static_cast<double>(state >> 40) * 0x1p-23 - 1.0);
  }
  return out;
}

inline std::vector<Token> random_tokens(std::int64_t n, Token below, std::uint64_t seed) {
  std::vector<Token> out;
  for (const double x : random_numbers<double>(n, seed))
    out.push_back(static_cast<Token>((x + 1) / 2 * below));
  return out;
}

/// Runs f once per target of this machine, each under its name, and returns to the best one.
template <class F>
void for_each_target(F&& f) {
  for (const std::string_view target : available_targets()) {
    SCOPED_TRACE(std::string(target));
    force_target(target);
    f(target);
  }
  force_target(available_targets().front());
}

/// Every element within `tolerance` of the reference, relative to the reference's largest.
template <class T>
void expect_close(std::span<const T> got, const std::vector<double>& want, double tolerance) {
  ASSERT_EQ(got.size(), want.size());
  double largest = 1e-300;
  for (const double w : want) largest = std::max(largest, std::abs(w));
  for (std::size_t i = 0; i < want.size(); ++i)
    ASSERT_NEAR(static_cast<double>(got[i]), want[i], tolerance * largest) << "at " << i;
}
template <class T>
void expect_close(const std::vector<T>& got, const std::vector<double>& want, double tolerance) {
  expect_close(std::span<const T>(got), want, tolerance);
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  if (a.empty() || b.empty()) return a.empty() && b.empty();
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

/// Computes with f() on AVX2 and AVX-512, where the machine has both: the bits must agree.
template <class F>
void expect_equal_bits_on_fused_targets(F&& f) {
  const auto all = available_targets();
  if (std::find(all.begin(), all.end(), "avx512") == all.end()) return;
  force_target("avx2");
  const auto narrow = f();
  force_target("avx512");
  const auto wide = f();
  EXPECT_TRUE(same_bits(narrow, wide));
}

}  // namespace grok::testing
