#include "grok/analysis/pictures.h"

#include <cmath>

#include "grok/base/error.h"

namespace grok {
namespace {

// F_row m: [d]
std::vector<double> component(Doubles row, Doubles m) {
  const std::size_t d = m.size() / row.size();
  std::vector<double> out(d);
  for (std::size_t x = 0; x < row.size(); ++x)
    for (std::size_t i = 0; i < d; ++i) out[i] += row[x] * m[x * d + i];
  return out;
}

double dot(Doubles a, Doubles b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// To unit length, if it has any to speak of beside `whole`.
void normalize(std::vector<double>& v, double whole) {
  const double length = std::sqrt(dot(v, v));
  const double scale = length > 1e-9 * whole ? 1 / length : 0;
  for (double& x : v) x *= scale;
}

}  // namespace

std::vector<double> circle_of_frequency(const FourierBasis& basis, Doubles embedding, int k) {
  const auto p = static_cast<std::size_t>(basis.p());
  GROK_REQUIRE(k >= 1 && k <= n_frequencies(basis.p()), "frequency " + std::to_string(k));
  GROK_REQUIRE(!embedding.empty() && embedding.size() % p == 0,
               std::to_string(embedding.size()) + " numbers are not p rows");
  const std::size_t d = embedding.size() / p;
  std::vector<double> u = component(basis.row(2 * k - 1), embedding);
  std::vector<double> v = component(basis.row(2 * k), embedding);
  const double whole = std::sqrt(dot(embedding, embedding));
  normalize(u, whole);
  const double along = dot(u, v);
  for (std::size_t i = 0; i < d; ++i) v[i] -= along * u[i];
  normalize(v, whole);
  std::vector<double> out;
  for (std::size_t x = 0; x < p; ++x) {
    const Doubles row = embedding.subspan(x * d, d);
    out.push_back(dot(row, u));
    out.push_back(dot(row, v));
  }
  return out;
}

std::vector<double> logits_by_distance(Doubles logits, int p) {
  const auto n = static_cast<std::size_t>(p);
  GROK_REQUIRE(logits.size() == n * n * n, std::to_string(logits.size()) + " logits");
  std::vector<double> out(n);
  for (std::size_t row = 0; row < n * n; ++row) {
    const std::size_t sum = row / n + row % n;
    for (std::size_t c = 0; c < n; ++c) out[(sum + n - c) % n] += logits[row * n + c];
  }
  for (double& x : out) x /= static_cast<double>(n * n);
  return out;
}

std::vector<float> waves_of_first(const FourierBasis& basis, ConstFloats table) {
  const auto p = static_cast<std::size_t>(basis.p());
  GROK_REQUIRE(!table.empty() && table.size() % (p * p) == 0,
               std::to_string(table.size()) + " numbers are not p * p rows");
  const std::size_t n = table.size() / (p * p);
  std::vector<double> means(p * n);
  for (std::size_t row = 0; row < p * p; ++row)
    for (std::size_t j = 0; j < n; ++j)
      means[row / p * n + j] += static_cast<double>(table[row * n + j]) / static_cast<double>(p);
  const std::vector<double> components = fourier_transform(basis, means);  // [p, n]
  const double scale = std::sqrt(2.0 / static_cast<double>(p));            // rows have length 1
  const auto n_freq = static_cast<std::size_t>(n_frequencies(basis.p()));
  std::vector<float> out(n * n_freq * 2);
  for (std::size_t row = 1; row <= 2 * n_freq; ++row)
    for (std::size_t j = 0; j < n; ++j)
      out[j * 2 * n_freq + row - 1] = static_cast<float>(scale * components[row * n + j]);
  return out;
}

std::vector<double> spectrum_of_pairs(const FourierBasis& basis, Doubles table) {
  const std::vector<double> components = fourier_transform_2d(basis, table);
  const auto n_pairs = static_cast<std::size_t>(basis.p() * basis.p());
  const std::size_t n = components.size() / n_pairs;
  std::vector<double> out;
  for (std::size_t i = 0; i < n_pairs; ++i) {
    const Doubles row = Doubles(components).subspan(i * n, n);
    out.push_back(std::sqrt(dot(row, row)));
  }
  return out;
}

}  // namespace grok
