#include "grok/analysis/pictures.h"

#include <cmath>

#include <gtest/gtest.h>

namespace grok {
namespace {

constexpr int p = 13;

TEST(Pictures, an_embedding_of_one_frequency_lies_in_order_on_its_circle) {
  const Circle circle(p);
  const int k = 3;
  std::vector<double> embedding;  // in a slanted plane of four dimensions, off the origin
  for (int x = 0; x < p; ++x) {
    const double c = circle.cos(k, x), s = circle.sin(k, x);
    for (const double value : {2 * c, 2 * s, 5.0, -1.0}) embedding.push_back(value);
  }
  const std::vector<double> at = circle_of_frequency(FourierBasis(p), embedding, k);
  for (int x = 0; x < p; ++x) {
    const auto i = static_cast<std::size_t>(2 * x);
    EXPECT_NEAR(at[i], 2 * circle.cos(k, x), 1e-12) << x;
    EXPECT_NEAR(std::fabs(at[i + 1]), std::fabs(2 * circle.sin(k, x)), 1e-12) << x;
  }
  // Another frequency has no plane here.
  for (const double value : circle_of_frequency(FourierBasis(p), embedding, 5)) EXPECT_EQ(value, 0);
}

TEST(Pictures, axes_of_a_circle_are_orthogonal_where_components_are_not) {
  const Circle circle(p);
  std::vector<double> embedding;  // cosine along (1, 0), sine along (1, 1)
  for (int x = 0; x < p; ++x) {
    embedding.push_back(circle.cos(2, x) + circle.sin(2, x));
    embedding.push_back(circle.sin(2, x));
  }
  const std::vector<double> at = circle_of_frequency(FourierBasis(p), embedding, 2);
  for (std::size_t x = 0; x < p;
       ++x) {  // an orthogonal projection on the whole plane keeps lengths
    EXPECT_NEAR(std::hypot(at[2 * x], at[2 * x + 1]),
                std::hypot(embedding[2 * x], embedding[2 * x + 1]), 1e-12);
  }
}

TEST(Pictures, logits_of_a_wave_are_the_wave_of_their_distance) {
  const Circle circle(p);
  std::vector<double> logits;
  for (int a = 0; a < p; ++a)
    for (int b = 0; b < p; ++b)
      for (int c = 0; c < p; ++c) logits.push_back(circle.cos(4, (a + b - c + p) % p) + 0.5);
  const std::vector<double> by_distance = logits_by_distance(logits, p);
  for (int d = 0; d < p; ++d)
    EXPECT_NEAR(by_distance[static_cast<std::size_t>(d)], circle.cos(4, d) + 0.5, 1e-12) << d;
}

TEST(Pictures, distance_counts_from_the_sum_down_to_the_class) {
  std::vector<double> logits(p * p * p);
  for (int a = 0; a < p; ++a)
    for (int b = 0; b < p; ++b)
      logits[static_cast<std::size_t>((a * p + b) * p + (a + b + p - 2) % p)] = 1;  // c = a + b - 2
  const std::vector<double> by_distance = logits_by_distance(logits, p);
  for (std::size_t d = 0; d < p; ++d) EXPECT_EQ(by_distance[d], d == 2 ? 1 : 0) << d;
}

// Neuron 1 hears 3 cos(w_2 a - 0.7), shifted by what b says, which the mean over b is rid of.
TEST(Pictures, waves_of_the_first_operand_have_their_size_and_phase) {
  const Circle circle(p);
  std::vector<float> table;
  for (int a = 0; a < p; ++a)
    for (int b = 0; b < p; ++b) {
      table.push_back(1);
      const double wave = std::cos(0.7) * circle.cos(2, a) + std::sin(0.7) * circle.sin(2, a);
      table.push_back(static_cast<float>(5 + 3 * wave + 2 * circle.cos(1, a) * circle.cos(3, b)));
    }
  const std::vector<float> waves = waves_of_first(FourierBasis(p), table);
  const std::size_t n_freq = (p - 1) / 2;
  ASSERT_EQ(waves.size(), 2 * n_freq * 2);
  for (std::size_t i = 0; i < waves.size(); ++i) {
    const bool is_cos = i == 2 * n_freq + 2, is_sin = i == 2 * n_freq + 3;
    const double expected = is_cos ? 3 * std::cos(0.7) : is_sin ? 3 * std::sin(0.7) : 0;
    EXPECT_NEAR(waves[i], expected, 1e-5) << i;
  }
}

TEST(Pictures, a_product_of_waves_is_one_component_of_pairs) {
  const FourierBasis basis(p);
  std::vector<double> table;  // two columns, of lengths 3 and 4
  for (int a = 0; a < p; ++a) {
    for (int b = 0; b < p; ++b) {
      const double wave =
          basis.row(3)[static_cast<std::size_t>(a)] * basis.row(8)[static_cast<std::size_t>(b)];
      table.push_back(3 * wave);
      table.push_back(4 * wave);
    }
  }
  const std::vector<double> spectrum = spectrum_of_pairs(basis, table);
  for (std::size_t i = 0; i < spectrum.size(); ++i)
    EXPECT_NEAR(spectrum[i], i == 3 * p + 8 ? 5 : 0, 1e-12) << i;
}

}  // namespace
}  // namespace grok
