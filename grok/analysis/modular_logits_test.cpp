#include "grok/analysis/modular_logits.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/base/rng.h"

namespace grok {
namespace {

constexpr int p = 13;
constexpr std::size_t n = p;
using Keys = std::vector<int>;

// A network that knows frequencies `keys` alone: amplitude * sum of cos(w_k (a + b - c)).
std::vector<double> trig_logits(const Keys& keys, double amplitude) {
  std::vector<double> logits;
  for (int a = 0; a < p; ++a)
    for (int b = 0; b < p; ++b)
      for (int c = 0; c < p; ++c) {
        double sum = 0;
        for (const int k : keys) sum += amplitude * std::cos(2 * M_PI * k * (a + b - c) / p);
        logits.push_back(sum);
      }
  return logits;
}

std::vector<double> noise(std::uint64_t seed) {
  const Rng rng(seed, "logits");
  std::vector<double> out(n * n * n);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = 3 * rng.normal(i);
  return out;
}

// P_k L as FACTS 2.5 writes it: with products of basis vectors, one output at a time.
std::vector<double> projected_by_the_book(Doubles logits, int k) {
  const FourierBasis basis(p);
  const Doubles cosine = basis.row(2 * k - 1), sine = basis.row(2 * k);
  std::vector<double> ck, sk, out(logits.size());
  for (std::size_t a = 0; a < n; ++a)
    for (std::size_t b = 0; b < n; ++b) {
      ck.push_back((cosine[a] * cosine[b] - sine[a] * sine[b]) / std::sqrt(2));
      sk.push_back((sine[a] * cosine[b] + cosine[a] * sine[b]) / std::sqrt(2));
    }
  for (std::size_t c = 0; c < n; ++c) {
    double along_c = 0, along_s = 0;
    for (std::size_t r = 0; r < n * n; ++r) {
      along_c += ck[r] * logits[r * n + c];
      along_s += sk[r] * logits[r * n + c];
    }
    for (std::size_t r = 0; r < n * n; ++r) out[r * n + c] = ck[r] * along_c + sk[r] * along_s;
  }
  return out;
}

void expect_near(Doubles got, Doubles want, double tolerance) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], want[i], tolerance) << i;
}

TEST(ProjectOnKeys, agrees_with_the_definition) {
  const auto logits = noise(1);
  auto want = projected_by_the_book(logits, 2);
  const auto more = projected_by_the_book(logits, 5);
  for (std::size_t i = 0; i < want.size(); ++i) want[i] += more[i];
  expect_near(project_on_keys(logits, p, Keys{2, 5}), want, 1e-12);
}

TEST(ProjectOnKeys, twice_is_once) {
  const auto once = project_on_keys(noise(2), p, Keys{1, 3, 6});
  expect_near(project_on_keys(once, p, Keys{1, 3, 6}), once, 1e-12);
}

TEST(ProjectOnKeys, refuses_frequencies_that_are_not_there) {
  const auto logits = noise(3);
  EXPECT_THROW(project_on_keys(logits, p, Keys{0}), ContractBroken);
  EXPECT_THROW(project_on_keys(logits, p, Keys{7}), ContractBroken);
  EXPECT_THROW(project_on_keys(logits, p, Keys{2, 2}), ContractBroken);
  EXPECT_THROW(sum_spectrum(std::vector<double>(8), 2), ContractBroken);
}

TEST(ExcludedLoss, of_a_one_frequency_network_is_log_p) {
  const auto logits = trig_logits({4}, 5);
  const SumSpectrum spectrum = sum_spectrum(logits, p);
  const auto rows = all_rows(p * p);
  EXPECT_NEAR(excluded_loss_2d(logits, spectrum, Keys{4}, rows).loss, std::log(p), 1e-13);
  EXPECT_NEAR(excluded_loss_3d(logits, spectrum, Keys{4}, rows).loss, std::log(p), 1e-13);
}

TEST(ExcludedLoss, of_another_frequency_is_the_loss_itself) {
  const auto logits = trig_logits({4}, 5);
  const SumSpectrum spectrum = sum_spectrum(logits, p);
  const auto rows = all_rows(p * p);
  const double loss = cross_entropy(logits, p, addition_labels(p), rows).loss;
  EXPECT_NEAR(excluded_loss_2d(logits, spectrum, Keys{3}, rows).loss, loss, 1e-13);
  EXPECT_NEAR(excluded_loss_3d(logits, spectrum, Keys{3}, rows).loss, loss, 1e-13);
  EXPECT_NEAR(excluded_loss_2d(logits, spectrum, Keys{}, rows).loss, loss, 1e-13);
}

TEST(ExcludedLoss, takes_more_away_in_2d_than_in_3d) {
  // sin of w(a+b) times 1 in every output: a wave of a + b, but not of a + b - c.
  auto logits = trig_logits({2}, 5);
  for (std::size_t r = 0; r < n * n; ++r)
    logits[r * n + 3] += 4 * std::sin(2 * M_PI * 2 * static_cast<double>(r / n + r % n) / p);
  const SumSpectrum spectrum = sum_spectrum(logits, p);
  const auto rows = all_rows(p * p);
  EXPECT_NEAR(excluded_loss_2d(logits, spectrum, Keys{2}, rows).loss, std::log(p), 1e-13);
  EXPECT_GT(excluded_loss_3d(logits, spectrum, Keys{2}, rows).loss, std::log(p) + 0.1);
}

TEST(RestrictedLoss, of_a_network_of_key_frequencies_and_biases_is_its_loss) {
  auto logits = trig_logits({2, 5}, 3);
  for (std::size_t i = 0; i < logits.size(); ++i) logits[i] += 0.1 * static_cast<double>(i % n);
  const SumSpectrum spectrum = sum_spectrum(logits, p);
  const std::vector<std::int32_t> rows{0, 5, 77, 140, 168};
  const LossAndAccuracy want = cross_entropy(logits, p, addition_labels(p), rows);
  const LossAndAccuracy got = restricted_loss(spectrum, Keys{2, 5}, rows);
  EXPECT_NEAR(got.loss, want.loss, 1e-13);
  EXPECT_EQ(got.accuracy, want.accuracy);
}

TEST(RestrictedLoss, agrees_with_the_definition_on_any_logits) {
  const auto logits = noise(4);
  auto kept = project_on_keys(logits, p, Keys{1, 6});
  for (std::size_t c = 0; c < n; ++c) {
    double rest = 0;
    for (std::size_t r = 0; r < n * n; ++r) rest += logits[r * n + c] - kept[r * n + c];
    for (std::size_t r = 0; r < n * n; ++r) kept[r * n + c] += rest / static_cast<double>(n * n);
  }
  const auto rows = all_rows(p * p);
  const LossAndAccuracy want = cross_entropy(kept, p, addition_labels(p), rows);
  const LossAndAccuracy got = restricted_loss(sum_spectrum(logits, p), Keys{1, 6}, rows);
  EXPECT_NEAR(got.loss, want.loss, 1e-12);
  EXPECT_EQ(got.accuracy, want.accuracy);
}

TEST(TrigFit, explains_everything_in_logits_that_are_trig) {
  auto logits = trig_logits({2, 5}, 3);
  const double loss = cross_entropy(logits, p, addition_labels(p), all_rows(p * p)).loss;
  for (double& x : logits) x += 7;  // a common shift changes no loss and no variance
  const TrigFit fit = trig_fit(sum_spectrum(logits, p), Keys{2, 5});
  EXPECT_NEAR(fit.explained, 1, 1e-13);
  EXPECT_NEAR(fit.loss, loss, 1e-13);
  EXPECT_NEAR(trig_fit(sum_spectrum(logits, p), Keys{2}).explained, 0.5, 1e-13);
}

TEST(TrigFit, coefficients_are_lengths_along_unit_waves) {
  const auto v = cos_coefficients(sum_spectrum(trig_logits({3}, 2), p));
  for (std::size_t k = 1; k <= v.size(); ++k)
    EXPECT_NEAR(v[k - 1], k == 3 ? 2 * std::sqrt(p * p * p / 2.0) : 0, 1e-11);
}

TEST(TrigFit, of_constant_logits_explains_nothing) {
  const TrigFit fit = trig_fit(sum_spectrum(std::vector<double>(n * n * n, 0.1), p), Keys{1});
  EXPECT_EQ(fit.explained, 0);
  EXPECT_NEAR(fit.loss, std::log(p), 1e-13);
}

TEST(ClassLogits, drop_the_columns_beyond_p) {
  std::vector<float> logits;
  for (int r = 0; r < p * p; ++r)
    for (int c = 0; c < p + 1; ++c) logits.push_back(static_cast<float>(c == p ? -1 : r * p + c));
  const auto got = class_logits(logits, p, p + 1);
  ASSERT_EQ(got.size(), n * n * n);
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_EQ(got[i], static_cast<double>(i));
}

}  // namespace
}  // namespace grok
