#include "grok/analysis/symmetric_eigen.h"

#include <cmath>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/base/rng.h"

namespace grok {
namespace {

std::vector<double> random_symmetric(int n) {
  const Rng rng(3, "symmetric");
  std::vector<double> a(static_cast<std::size_t>(n * n));
  for (int i = 0; i < n; ++i)
    for (int j = 0; j <= i; ++j) {
      const double x = rng.normal(static_cast<std::uint64_t>(i * n + j));
      a[static_cast<std::size_t>(i * n + j)] = a[static_cast<std::size_t>(j * n + i)] = x;
    }
  return a;
}

TEST(SymmetricEigen, of_a_diagonal_are_its_elements_in_order) {
  const SymmetricEigen got = symmetric_eigen(std::vector<double>{2, 0, 0, 0, -1, 0, 0, 0, 5}, 3);
  EXPECT_EQ(got.values, (std::vector<double>{5, 2, -1}));
  EXPECT_EQ(got.vectors, (std::vector<double>{0, 0, 1, 1, 0, 0, 0, 1, 0}));
}

TEST(SymmetricEigen, of_two_by_two_are_known) {
  const SymmetricEigen got = symmetric_eigen(std::vector<double>{1, 2, 2, 1}, 2);
  EXPECT_NEAR(got.values[0], 3, 1e-15);
  EXPECT_NEAR(got.values[1], -1, 1e-15);
  EXPECT_NEAR(got.vectors[0], got.vectors[1], 1e-15);
  EXPECT_NEAR(got.vectors[2], -got.vectors[3], 1e-15);
}

TEST(SymmetricEigen, make_up_the_matrix_and_are_orthonormal) {
  for (const int n : {1, 2, 7, 40}) {
    const std::vector<double> a = random_symmetric(n);
    const SymmetricEigen got = symmetric_eigen(a, n);
    const auto size = static_cast<std::size_t>(n);
    for (std::size_t i = 0; i < size; ++i) {
      if (i > 0) {
        EXPECT_GE(got.values[i - 1], got.values[i]);
      }
      for (std::size_t j = 0; j < size; ++j) {
        double sum = 0, product = 0;
        for (std::size_t k = 0; k < size; ++k) {
          sum += got.values[k] * got.vectors[k * size + i] * got.vectors[k * size + j];
          product += got.vectors[i * size + k] * got.vectors[j * size + k];
        }
        EXPECT_NEAR(sum, a[i * size + j], 1e-12);
        EXPECT_NEAR(product, i == j ? 1 : 0, 1e-13);
      }
    }
  }
}

TEST(SymmetricEigen, of_what_is_not_finite_are_not_numbers) {
  for (const double bad : std::vector<double>{NAN, INFINITY}) {
    const SymmetricEigen got = symmetric_eigen(std::vector<double>{1, bad, bad, 1}, 2);
    EXPECT_TRUE(std::isnan(got.values[0]));
    EXPECT_TRUE(std::isnan(got.vectors[3]));
  }
  EXPECT_THROW(symmetric_eigen(std::vector<double>(5), 2), ContractBroken);
}

}  // namespace
}  // namespace grok
