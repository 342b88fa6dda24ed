#include "grok/analysis/excluded_per_frequency.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "grok/base/rng.h"

namespace grok {
namespace {

constexpr int p = 11;
constexpr std::size_t n = p;

std::vector<double> noise(double scale) {
  const Rng rng(9, "logits");
  std::vector<double> out(n * n * n);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = scale * rng.normal(i);
  return out;
}

std::vector<std::int32_t> some_rows() {
  auto rows = Rng(5, "split").shuffled(p * p);
  rows.resize(40);
  return rows;
}

// Scale 1 takes the fast way, 1000 the safe one, 120 each for some rows.
TEST(ExcludedPerFrequency, agrees_with_one_frequency_at_a_time_at_any_scale) {
  ThreadPool pool(2);
  const auto rows = some_rows();
  for (const double scale : {1.0, 120.0, 1000.0}) {
    const auto logits = noise(scale);
    const SumSpectrum spectrum = sum_spectrum(logits, p);
    const ExcludedLosses got = excluded_losses_per_frequency(logits, spectrum, rows, pool);
    ASSERT_EQ(got.loss_2d.size(), 5u);
    for (int k = 1; k <= 5; ++k) {
      const std::vector<int> key{k};
      const double two = excluded_loss_2d(logits, spectrum, key, rows).loss;
      const double three = excluded_loss_3d(logits, spectrum, key, rows).loss;
      EXPECT_NEAR(got.loss_2d[static_cast<std::size_t>(k - 1)], two, 1e-12 * two) << scale;
      EXPECT_NEAR(got.loss_3d[static_cast<std::size_t>(k - 1)], three, 1e-12 * three) << scale;
    }
  }
}

TEST(ExcludedPerFrequency, does_not_depend_on_the_number_of_threads) {
  ThreadPool one(1), three(3);
  const auto logits = noise(4);
  const SumSpectrum spectrum = sum_spectrum(logits, p);
  const auto rows = some_rows();
  const ExcludedLosses a = excluded_losses_per_frequency(logits, spectrum, rows, one);
  const ExcludedLosses b = excluded_losses_per_frequency(logits, spectrum, rows, three);
  EXPECT_EQ(a.loss_2d, b.loss_2d);
  EXPECT_EQ(a.loss_3d, b.loss_3d);
}

TEST(ExcludedPerFrequency, of_logits_that_are_no_numbers_is_no_number) {
  ThreadPool pool(1);
  auto logits = noise(1);
  logits[5] = NAN;
  const auto rows = all_rows(p * p);
  const ExcludedLosses got =
      excluded_losses_per_frequency(logits, sum_spectrum(logits, p), rows, pool);
  for (const double x : got.loss_2d) EXPECT_TRUE(std::isnan(x));
  for (const double x : got.loss_3d) EXPECT_TRUE(std::isnan(x));
}

}  // namespace
}  // namespace grok
