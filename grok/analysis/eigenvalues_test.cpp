#include "grok/analysis/eigenvalues.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/base/rng.h"

namespace grok {
namespace {

using Square = std::vector<double>;

void expect_eigenvalues(const Square& a, int n, const std::vector<Eigenvalue>& want,
                        double tolerance) {
  const std::vector<Eigenvalue> got = eigenvalues(a, n);
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < want.size(); ++i) {
    EXPECT_NEAR(got[i].real, want[i].real, tolerance) << i;
    EXPECT_NEAR(got[i].imaginary, want[i].imaginary, tolerance) << i;
  }
}

// The matrix whose characteristic polynomial is x^n + c[n-1] x^(n-1) + .. + c[0].
Square companion(const std::vector<double>& c) {
  const std::size_t n = c.size();
  Square a(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    if (i > 0) a[i * n + i - 1] = 1;
    a[i * n + n - 1] = -c[i];
  }
  return a;
}

Square random_matrix(std::size_t n, std::uint64_t seed) {
  const Rng rng(seed, "matrix");
  Square a(n * n);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = rng.normal(i);
  return a;
}

Square times(const Square& a, const Square& b, std::size_t n) {
  Square out(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < n; ++k)
      for (std::size_t j = 0; j < n; ++j) out[i * n + j] += a[i * n + k] * b[k * n + j];
  return out;
}

double trace(const Square& a, std::size_t n) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += a[i * n + i];
  return sum;
}

TEST(Eigenvalues, of_small_matrices_are_known) {
  expect_eigenvalues({-7}, 1, {{-7, 0}}, 0);
  expect_eigenvalues({1, 2, 3, 4}, 2, {{(5 + std::sqrt(33)) / 2, 0}, {(5 - std::sqrt(33)) / 2, 0}},
                     1e-14);
  expect_eigenvalues({0, 0, 0, 0, 0, 0, 0, 0, 0}, 3, {{0, 0}, {0, 0}, {0, 0}}, 0);
}

TEST(Eigenvalues, of_a_triangle_are_its_diagonal) {
  expect_eigenvalues({3, 9, -4, 0, -5, 7, 0, 0, 1}, 3, {{-5, 0}, {3, 0}, {1, 0}}, 1e-14);
}

TEST(Eigenvalues, of_a_rotation_lie_on_the_circle) {
  const double c = std::cos(0.3), s = std::sin(0.3);
  expect_eigenvalues({c, -s, s, c}, 2, {{c, s}, {c, -s}}, 1e-15);
  // About the axis (1, 1, 1) by a third of a turn: a permutation.
  expect_eigenvalues({0, 0, 1, 1, 0, 0, 0, 1, 0}, 3,
                     {{1, 0}, {-0.5, std::sqrt(0.75)}, {-0.5, -std::sqrt(0.75)}}, 1e-14);
}

// All of modulus 1: a QR step without shifts would turn in a circle here.
TEST(Eigenvalues, of_a_cycle_are_the_roots_of_unity) {
  for (const int n : {4, 5, 16, 31}) {
    std::vector<double> c(static_cast<std::size_t>(n));
    c[0] = -1;
    double real = 0;
    for (const Eigenvalue& e : eigenvalues(companion(c), n)) {
      EXPECT_NEAR(e.modulus(), 1, 1e-13);
      const double turns = std::atan2(e.imaginary, e.real) * n / (2 * std::numbers::pi);
      EXPECT_NEAR(turns, std::round(turns), 1e-12);
      real += e.real;
    }
    EXPECT_NEAR(real, 0, 1e-12);
  }
}

TEST(Eigenvalues, of_a_companion_matrix_are_its_polynomials_roots) {
  // (x - 1)(x - 2)(x - 3)(x - 4)
  expect_eigenvalues(companion({24, -50, 35, -10}), 4, {{4, 0}, {3, 0}, {2, 0}, {1, 0}}, 1e-12);
  // (x^2 + 4)(x - 3)
  expect_eigenvalues(companion({-12, 4, -3}), 3, {{3, 0}, {0, 2}, {0, -2}}, 1e-13);
}

// A threefold eigenvalue with one eigenvector moves by the cube root of what is rounded.
TEST(Eigenvalues, of_a_defective_matrix_are_found_as_well_as_they_can_be) {
  expect_eigenvalues({2, 1, 0, 0, 2, 1, 0, 0, 2}, 3, {{2, 0}, {2, 0}, {2, 0}}, 1e-15);
  expect_eigenvalues(companion({-8, 12, -6}), 3, {{2, 0}, {2, 0}, {2, 0}}, 1e-4);
}

TEST(Eigenvalues, have_the_traces_of_the_powers) {
  for (const std::size_t n : {3u, 10u, 33u, 64u}) {
    const Square a = random_matrix(n, n), squared = times(a, a, n);
    double sum = 0, squares = 0, imaginary = 0;
    for (const Eigenvalue& e : eigenvalues(a, static_cast<int>(n))) {
      sum += e.real;
      squares += e.real * e.real - e.imaginary * e.imaginary;
      imaginary += e.imaginary;
    }
    EXPECT_NEAR(sum, trace(a, n), 1e-10);
    EXPECT_NEAR(squares, trace(squared, n), 1e-9);
    EXPECT_EQ(imaginary, 0);
  }
}

TEST(Eigenvalues, do_not_change_when_the_axes_do) {
  const std::size_t n = 12;
  const Square a = random_matrix(n, 5);
  // I - 2 v v^T, its own inverse.
  Square turn(n * n, -2.0 / n);
  for (std::size_t i = 0; i < n; ++i) turn[i * n + i] += 1;
  const Square turned = times(times(turn, a, n), turn, n);
  expect_eigenvalues(turned, static_cast<int>(n), eigenvalues(a, static_cast<int>(n)), 1e-12);
}

TEST(Eigenvalues, come_by_modulus) {
  const std::vector<Eigenvalue> got = eigenvalues(random_matrix(20, 1), 20);
  for (std::size_t i = 1; i < got.size(); ++i) EXPECT_GE(got[i - 1].modulus(), got[i].modulus());
}

TEST(Eigenvalues, of_what_is_not_finite_are_not_numbers) {
  EXPECT_TRUE(std::isnan(eigenvalues(Square{1, NAN, 0, 1}, 2)[0].real));
  EXPECT_TRUE(std::isnan(eigenvalues(Square{1, INFINITY, 0, 1}, 2)[1].imaginary));
  EXPECT_THROW(eigenvalues(Square(5), 2), ContractBroken);
}

}  // namespace
}  // namespace grok
