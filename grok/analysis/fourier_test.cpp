#include "grok/analysis/fourier.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/base/rng.h"

namespace grok {
namespace {

std::vector<double> noise(std::size_t n, std::uint64_t seed) {
  const Rng rng(seed, "fourier test");
  std::vector<double> out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = rng.normal(i);
  return out;
}

double sum_squares(Doubles x) {
  double sum = 0;
  for (const double v : x) sum += v * v;
  return sum;
}

TEST(FourierBasis, is_orthonormal_for_odd_and_even_p) {
  for (const int p : {2, 3, 7, 12, 113}) {
    const FourierBasis basis(p);
    for (int i = 0; i < p; ++i)
      for (int j = 0; j <= i; ++j) {
        double dot = 0;
        for (std::size_t x = 0; x < static_cast<std::size_t>(p); ++x)
          dot += basis.row(i)[x] * basis.row(j)[x];
        ASSERT_NEAR(dot, i == j ? 1 : 0, 1e-14) << "rows " << i << ", " << j << " of " << p;
      }
  }
  EXPECT_THROW(FourierBasis(1), ContractBroken);
}

TEST(FourierBasis, has_cosine_then_sine_of_each_frequency) {
  const FourierBasis basis(11);
  for (int x = 0; x < 11; ++x) {
    const auto i = static_cast<std::size_t>(x);
    EXPECT_NEAR(basis.row(0)[i], 1 / std::sqrt(11), 1e-15);
    EXPECT_NEAR(basis.row(5)[i], std::cos(2 * M_PI * 3 * x / 11) * std::sqrt(2.0 / 11), 1e-14);
    EXPECT_NEAR(basis.row(6)[i], std::sin(2 * M_PI * 3 * x / 11) * std::sqrt(2.0 / 11), 1e-14);
  }
  EXPECT_EQ(FourierBasis::frequency(0), 0);
  EXPECT_EQ(FourierBasis::frequency(5), 3);
  EXPECT_EQ(FourierBasis::frequency(6), 3);
}

TEST(FourierTransform, keeps_the_sum_of_squares) {
  for (const int p : {7, 10}) {
    const FourierBasis basis(p);
    const auto n = static_cast<std::size_t>(p);
    const auto m = noise(n * 5, 1), m2 = noise(n * n * 3, 2);
    EXPECT_NEAR(sum_squares(fourier_transform(basis, m)), sum_squares(m), 1e-12);
    EXPECT_NEAR(sum_squares(fourier_transform_2d(basis, m2)), sum_squares(m2), 1e-11);
  }
}

TEST(FourierTransform, finds_a_product_of_waves_in_its_one_place) {
  constexpr int p = 7;
  const FourierBasis basis(p);
  std::vector<double> m;
  for (std::size_t x = 0; x < p; ++x)
    for (std::size_t y = 0; y < p; ++y) {
      m.push_back(basis.row(3)[x] * basis.row(6)[y]);
      m.push_back(-2 * basis.row(0)[x] * basis.row(1)[y]);
    }
  const auto g = fourier_transform_2d(basis, m);
  for (std::size_t i = 0; i < g.size(); ++i) {
    const double want = i == (3 * p + 6) * 2 ? 1 : i == (0 * p + 1) * 2 + 1 ? -2 : 0;
    EXPECT_NEAR(g[i], want, 1e-14) << i;
  }
}

TEST(ComponentNorms, do_not_change_when_columns_are_rotated) {
  const FourierBasis basis(5);
  const auto m = noise(5 * 2, 3);
  std::vector<double> turned;
  for (std::size_t x = 0; x < 5; ++x) {
    turned.push_back(0.6 * m[2 * x] - 0.8 * m[2 * x + 1]);
    turned.push_back(0.8 * m[2 * x] + 0.6 * m[2 * x + 1]);
  }
  const auto a = component_norms(basis, m), b = component_norms(basis, turned);
  for (std::size_t f = 0; f < 5; ++f) EXPECT_NEAR(a[f], b[f], 1e-14);
}

TEST(FrequencyNorms, join_cosine_and_sine) {
  EXPECT_EQ(frequency_norms(std::vector<double>{9, 3, 4, 5, 12}), (std::vector<double>{5, 13}));
  EXPECT_EQ(frequency_norms(std::vector<double>{9, 3, 4, 7}), (std::vector<double>{5}));
}

}  // namespace
}  // namespace grok
