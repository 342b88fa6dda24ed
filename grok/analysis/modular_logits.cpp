#include "grok/analysis/modular_logits.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "grok/base/error.h"

namespace grok {
namespace {

std::size_t checked_p(int p) {
  GROK_REQUIRE(p >= 3 && p % 2 == 1, "p is " + std::to_string(p) + ", not odd");
  return static_cast<std::size_t>(p);
}

void check_logits(Doubles logits, std::size_t p) {
  GROK_REQUIRE(logits.size() == p * p * p,
               std::to_string(logits.size()) + " logits for p = " + std::to_string(p));
}

void check_keys(int p, std::span<const int> keys) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    GROK_REQUIRE(keys[i] >= 1 && keys[i] <= n_frequencies(p),
                 "frequency " + std::to_string(keys[i]) + " for p = " + std::to_string(p));
    GROK_REQUIRE(std::count(keys.begin(), keys.end(), keys[i]) == 1,
                 "frequency " + std::to_string(keys[i]) + " twice");
  }
}

template <class T>
std::vector<double> drop_columns(std::span<const T> logits, int p, int n_columns) {
  const std::size_t n = checked_p(p);
  const auto width = static_cast<std::size_t>(n_columns);
  GROK_REQUIRE(n_columns >= p && logits.size() == n * n * width,
               std::to_string(logits.size()) + " logits for p = " + std::to_string(p) + " and " +
                   std::to_string(n_columns) + " columns");
  std::vector<double> out(n * n * n);
  for (std::size_t r = 0; r < n * n; ++r)
    for (std::size_t c = 0; c < n; ++c) out[r * n + c] = static_cast<double>(logits[r * width + c]);
  return out;
}

// Sums of the p rows that share s = (a + b) mod p.
std::vector<double> sums_by_class(Doubles logits, std::size_t p) {
  std::vector<double> sums(p * p);
  for (std::size_t a = 0; a < p; ++a)
    for (std::size_t b = 0; b < p; ++b) {
      const double* row = &logits[(a * p + b) * p];
      double* sum = &sums[(a + b) % p * p];
      for (std::size_t c = 0; c < p; ++c) sum[c] += row[c];
    }
  return sums;
}

// Zero for logits that are all alike, whose centre is off by a rounding error.
double variation(double centre, Doubles x, std::size_t p) {
  double total = 0;
  for (std::size_t i = 0; i < x.size(); i += p) {  // by row, so that few roundings add up
    double row = 0;
    for (std::size_t c = 0; c < p; ++c) row += (x[i + c] - centre) * (x[i + c] - centre);
    total += row;
  }
  return total <= 1e-26 * centre * centre * static_cast<double>(x.size()) ? 0 : total;
}

// The loss on `rows` of logits that a function writes row by row.
template <class WriteRow>
LossAndAccuracy loss_of_rows(std::size_t p, Rows rows, WriteRow&& write_row) {
  if (rows.empty()) return {std::numeric_limits<double>::quiet_NaN(), 0};
  std::vector<double> row(p);
  LossAndAccuracy out;
  for (const std::int32_t r : rows) {
    GROK_REQUIRE(r >= 0 && static_cast<std::size_t>(r) < p * p, "row " + std::to_string(r));
    const auto i = static_cast<std::size_t>(r);
    const std::size_t s = (i / p + i % p) % p;
    write_row(i, s, row);
    out.loss += cross_entropy_of_row(row, s);
    const auto guess = std::max_element(row.begin(), row.end()) - row.begin();
    if (static_cast<std::size_t>(guess) == s) out.accuracy += 1;
  }
  out.loss /= static_cast<double>(rows.size());
  out.accuracy /= static_cast<double>(rows.size());
  return out;
}

// sum over keys of v_k cos(w_k d), as logits: entry d is the part at a + b - c = d.
std::vector<double> fitted_wave(const SumSpectrum& spectrum, std::span<const int> keys) {
  const Circle circle(spectrum.p);
  const double p = spectrum.p;
  const double norm = std::sqrt(2.0 / (p * p * p));
  const std::vector<double> v = cos_coefficients(spectrum);
  std::vector<double> wave(static_cast<std::size_t>(spectrum.p));
  for (const int k : keys)
    for (std::size_t d = 0; d < wave.size(); ++d)
      wave[d] +=
          norm * v[static_cast<std::size_t>(k - 1)] * circle.cos(k, static_cast<long long>(d));
  return wave;
}

}  // namespace

std::vector<double> class_logits(ConstFloats logits, int p, int n_columns) {
  return drop_columns(logits, p, n_columns);
}

std::vector<double> class_logits(Doubles logits, int p, int n_columns) {
  return drop_columns(logits, p, n_columns);
}

std::vector<Token> addition_labels(int p) {
  std::vector<Token> labels;
  for (int a = 0; a < p; ++a)
    for (int b = 0; b < p; ++b) labels.push_back((a + b) % p);
  return labels;
}

SumSpectrum sum_spectrum(Doubles logits, int p) {
  const std::size_t n = checked_p(p);
  check_logits(logits, n);
  const std::vector<double> sums = sums_by_class(logits, n);
  const Circle circle(p);
  const double norm = std::sqrt(2.0) / p;
  const auto n_freq = static_cast<std::size_t>(n_frequencies(p));
  SumSpectrum out{p, std::vector<double>(n), std::vector<double>(n_freq * n),
                  std::vector<double>(n_freq * n), 0};
  double centre = 0;
  for (std::size_t s = 0; s < n; ++s)
    for (std::size_t c = 0; c < n; ++c) out.mean[c] += sums[s * n + c];
  for (double& m : out.mean) {
    m /= static_cast<double>(n * n);
    centre += m / p;
  }
  for (std::size_t k = 1; k <= n_freq; ++k)
    for (std::size_t s = 0; s < n; ++s) {
      const auto kk = static_cast<long long>(k), ss = static_cast<long long>(s);
      const double wc = norm * circle.cos(kk, ss), ws = norm * circle.sin(kk, ss);
      double* cosine = &out.cosine[(k - 1) * n];
      double* sine = &out.sine[(k - 1) * n];
      for (std::size_t c = 0; c < n; ++c) {
        cosine[c] += wc * sums[s * n + c];
        sine[c] += ws * sums[s * n + c];
      }
    }
  out.sum_squares = variation(centre, logits, n);
  return out;
}

std::vector<double> project_by_sum(const SumSpectrum& spectrum, std::span<const int> keys) {
  check_keys(spectrum.p, keys);
  const auto p = static_cast<std::size_t>(spectrum.p);
  const Circle circle(spectrum.p);
  const double norm = std::sqrt(2.0) / spectrum.p;
  std::vector<double> out(p * p);
  for (const int k : keys)
    for (std::size_t s = 0; s < p; ++s) {
      const double wc = norm * circle.cos(k, static_cast<long long>(s));
      const double ws = norm * circle.sin(k, static_cast<long long>(s));
      const double* cosine = &spectrum.cosine[static_cast<std::size_t>(k - 1) * p];
      const double* sine = &spectrum.sine[static_cast<std::size_t>(k - 1) * p];
      for (std::size_t c = 0; c < p; ++c) out[s * p + c] += wc * cosine[c] + ws * sine[c];
    }
  return out;
}

std::vector<double> project_on_keys(Doubles logits, int p, std::span<const int> keys) {
  const std::vector<double> by_sum = project_by_sum(sum_spectrum(logits, p), keys);
  const auto n = static_cast<std::size_t>(p);
  std::vector<double> out;
  out.reserve(n * n * n);
  for (std::size_t r = 0; r < n * n; ++r) {
    const Doubles row = Doubles(by_sum).subspan((r / n + r % n) % n * n, n);
    out.insert(out.end(), row.begin(), row.end());
  }
  return out;
}

LossAndAccuracy restricted_loss(const SumSpectrum& spectrum, std::span<const int> keys, Rows rows) {
  const auto p = static_cast<std::size_t>(spectrum.p);
  // The waves have mean 0 over all inputs, so what they leave out of the mean is all of it.
  const std::vector<double> waves = project_by_sum(spectrum, keys);
  std::vector<LossAndAccuracy> by_sum(p);
  std::vector<double> row(p);
  for (std::size_t s = 0; s < p; ++s) {
    for (std::size_t c = 0; c < p; ++c) row[c] = waves[s * p + c] + spectrum.mean[c];
    const auto guess = std::max_element(row.begin(), row.end()) - row.begin();
    by_sum[s] = {cross_entropy_of_row(row, s), static_cast<std::size_t>(guess) == s ? 1.0 : 0.0};
  }
  LossAndAccuracy out;
  for (const std::int32_t r : rows) {
    GROK_REQUIRE(r >= 0 && static_cast<std::size_t>(r) < p * p, "row " + std::to_string(r));
    const auto i = static_cast<std::size_t>(r);
    const LossAndAccuracy& here = by_sum[(i / p + i % p) % p];
    out.loss += here.loss;
    out.accuracy += here.accuracy;
  }
  const auto n = static_cast<double>(rows.size());
  if (rows.empty()) return {std::numeric_limits<double>::quiet_NaN(), 0};
  return {out.loss / n, out.accuracy / n};
}

LossAndAccuracy excluded_loss_2d(Doubles logits, const SumSpectrum& spectrum,
                                 std::span<const int> keys, Rows rows) {
  const std::size_t p = checked_p(spectrum.p);
  check_logits(logits, p);
  const std::vector<double> waves = project_by_sum(spectrum, keys);
  return loss_of_rows(p, rows, [&](std::size_t i, std::size_t s, std::span<double> row) {
    for (std::size_t c = 0; c < p; ++c) row[c] = logits[i * p + c] - waves[s * p + c];
  });
}

LossAndAccuracy excluded_loss_3d(Doubles logits, const SumSpectrum& spectrum,
                                 std::span<const int> keys, Rows rows) {
  const std::size_t p = checked_p(spectrum.p);
  check_logits(logits, p);
  check_keys(spectrum.p, keys);
  const std::vector<double> wave = fitted_wave(spectrum, keys);
  return loss_of_rows(p, rows, [&](std::size_t i, std::size_t s, std::span<double> row) {
    for (std::size_t c = 0; c < p; ++c) row[c] = logits[i * p + c] - wave[(s + p - c) % p];
  });
}

std::vector<double> cos_coefficients(const SumSpectrum& spectrum) {
  const auto p = static_cast<std::size_t>(spectrum.p);
  const Circle circle(spectrum.p);
  const double norm = 1.0 / std::sqrt(static_cast<double>(spectrum.p));
  std::vector<double> out;
  for (int k = 1; k <= n_frequencies(spectrum.p); ++k) {
    const std::size_t row = static_cast<std::size_t>(k - 1) * p;
    double sum = 0;
    for (std::size_t c = 0; c < p; ++c) {
      const auto x = static_cast<long long>(c);
      sum +=
          circle.cos(k, x) * spectrum.cosine[row + c] + circle.sin(k, x) * spectrum.sine[row + c];
    }
    out.push_back(norm * sum);
  }
  return out;
}

TrigFit trig_fit(const SumSpectrum& spectrum, std::span<const int> keys) {
  check_keys(spectrum.p, keys);
  const std::vector<double> v = cos_coefficients(spectrum);
  double fitted = 0;
  for (const int k : keys)
    fitted += v[static_cast<std::size_t>(k - 1)] * v[static_cast<std::size_t>(k - 1)];
  // The waves are orthonormal and have mean 0, so least squares is projection.
  const double explained = spectrum.sum_squares == 0 ? 0 : fitted / spectrum.sum_squares;
  return {explained, cross_entropy_of_row(fitted_wave(spectrum, keys), 0)};
}

}  // namespace grok
