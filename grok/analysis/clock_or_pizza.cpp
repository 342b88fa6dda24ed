#include "grok/analysis/clock_or_pizza.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "grok/analysis/fourier.h"
#include "grok/analysis/symmetric_eigen.h"
#include "grok/base/error.h"

namespace grok {
namespace {

constexpr std::size_t n_looked_at = 4;      // principal components, for circularity
constexpr std::size_t n_with_circles = 16;  // where circles are looked for
constexpr double negligible = 1e-12;        // variance, as a share of the largest component's

double deviation(Doubles x) {
  const auto n = static_cast<double>(x.size());
  double mean = 0, squares = 0;
  for (const double value : x) mean += value;
  mean /= n;
  for (const double value : x) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / n);
}

// x without its mean over rows.
std::vector<double> centred(Doubles x, std::size_t n_rows) {
  const std::size_t d = x.size() / n_rows;
  std::vector<double> mean(d), out(x.begin(), x.end());
  for (std::size_t i = 0; i < x.size(); ++i) mean[i % d] += x[i];
  for (std::size_t i = 0; i < x.size(); ++i) out[i] -= mean[i % d] / static_cast<double>(n_rows);
  return out;
}

std::vector<double> transposed(Doubles x, std::size_t n_rows) {
  const std::size_t d = x.size() / n_rows;
  std::vector<double> out(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) out[i % d * n_rows + i / d] = x[i];
  return out;
}

double dot(Doubles a, Doubles b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// x x^T of x [n, k].
std::vector<double> gram(Doubles x, std::size_t n) {
  const std::size_t k = x.size() / n;
  std::vector<double> out(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i; j < n; ++j)
      out[i * n + j] = out[j * n + i] = dot(x.subspan(i * k, k), x.subspan(j * k, k));
  return out;
}

// The tokens' coordinates on the first principal components of x [p, d], which is centred: each
// [p]. By the smaller of the two products of x with itself.
std::vector<std::vector<double>> principal_coordinates(Doubles x, std::size_t p,
                                                       std::size_t n_components) {
  const std::size_t d = x.size() / p, n = std::min(p, d);
  const std::vector<double> columns = transposed(x, p);
  const auto eigen = symmetric_eigen(d < p ? gram(columns, d) : gram(x, p), static_cast<int>(n));
  std::vector<std::vector<double>> out;
  for (std::size_t c = 0; c < std::min(n, n_components); ++c) {
    const Doubles vector = Doubles(eigen.vectors).subspan(c * n, n);
    std::vector<double> coordinates(vector.begin(), vector.end());
    if (d < p) {
      coordinates.resize(p);
      for (std::size_t i = 0; i < p; ++i) coordinates[i] = dot(x.subspan(i * d, d), vector);
    }
    // What is left of rounding is nothing; a NaN stays.
    if (!(eigen.values[c] > negligible * eigen.values[0]))
      std::fill(coordinates.begin(), coordinates.end(), eigen.values[c] * 0);
    out.push_back(std::move(coordinates));
  }
  return out;
}

// The frequency that has most of x [p], and its share of the sum of squares.
struct Strongest {
  int frequency = 0;
  double share = 0;
};
Strongest strongest_frequency(const Circle& circle, Doubles x) {
  const double all = dot(x, x);
  if (all == 0) return {};
  Strongest out{0, all * 0};
  for (int k = 1; k <= n_frequencies(circle.p()); ++k) {
    double cosine = 0, sine = 0;
    for (std::size_t j = 0; j < x.size(); ++j) {
      cosine += x[j] * circle.cos(k, static_cast<long long>(j));
      sine += x[j] * circle.sin(k, static_cast<long long>(j));
    }
    const double share = 2 * (cosine * cosine + sine * sine) / (circle.p() * all);
    if (share > out.share) out = {k, share};
  }
  return out;
}

// Adds to the rows what x, which is centred, has on a component; its coordinates are [p].
void add_component(Doubles x, Doubles coordinates, std::span<double> rows) {
  const std::size_t d = x.size() / coordinates.size();
  std::vector<double> along(d);
  for (std::size_t i = 0; i < x.size(); ++i) along[i % d] += coordinates[i / d] * x[i];
  const double squares = dot(coordinates, coordinates);
  for (std::size_t i = 0; i < x.size(); ++i) rows[i] += coordinates[i / d] * along[i % d] / squares;
}

// The share of the squares of x, which sum to `all`, along a direction with the sum of squares
// `squares`, to which their product is `product`.
double share_along(double product, double squares, double all) {
  return all == 0 ? 0 : product * product / (squares * all);
}

}  // namespace

double distance_irrelevance(Doubles values, int p) {
  const auto n = static_cast<std::size_t>(p);
  GROK_REQUIRE(p >= 3 && p % 2 == 1 && values.size() == n * n,
               std::to_string(values.size()) + " values for p = " + std::to_string(p));
  const double all = deviation(values);
  if (all == 0) return 0;
  double sum = 0;
  std::vector<double> at_distance(n);
  for (std::size_t d = 0; d < n; ++d) {
    for (std::size_t b = 0; b < n; ++b) at_distance[b] = values[(b + d) % n * n + b];
    sum += deviation(at_distance);
  }
  return sum / static_cast<double>(p) / all;
}

double circularity(Doubles rows, int p) {
  const auto n = static_cast<std::size_t>(p);
  GROK_REQUIRE(p >= 3 && !rows.empty() && rows.size() % n == 0,
               std::to_string(rows.size()) + " numbers for p = " + std::to_string(p));
  const Circle circle(p);
  double sum = 0;
  for (const auto& coordinates : principal_coordinates(centred(rows, n), n, n_looked_at))
    sum += std::min(strongest_frequency(circle, coordinates).share, 1.0);
  return sum / static_cast<double>(n_looked_at);
}

std::vector<EmbeddingCircle> embedding_circles(Doubles rows, int p) {
  const auto n = static_cast<std::size_t>(p);
  GROK_REQUIRE(p >= 3 && !rows.empty() && rows.size() % n == 0,
               std::to_string(rows.size()) + " numbers for p = " + std::to_string(p));
  const Circle circle(p);
  const std::vector<double> x = centred(rows, n);
  const auto components = principal_coordinates(x, n, n_with_circles);
  std::vector<EmbeddingCircle> out;
  for (std::size_t c = 0; c + 1 < components.size(); c += 2) {
    const int frequency = strongest_frequency(circle, components[c]).frequency;
    if (frequency == 0 || strongest_frequency(circle, components[c + 1]).frequency != frequency)
      continue;
    EmbeddingCircle found{frequency, std::vector<double>(rows.begin(), rows.end())};
    for (std::size_t i = 0; i < x.size(); ++i) found.rows[i] -= x[i];  // the mean
    add_component(x, components[c], found.rows);
    add_component(x, components[c + 1], found.rows);
    out.push_back(std::move(found));
  }
  return out;
}

ClockAndPizza clock_and_pizza(Doubles logits, int p, int frequency) {
  const auto n = static_cast<std::size_t>(p);
  GROK_REQUIRE(p >= 3 && logits.size() == n * n * n && 1 <= frequency && frequency < p,
               std::to_string(logits.size()) + " logits for p = " + std::to_string(p));
  const Circle whole(p), half(2 * p);
  double mean = 0;
  for (const double x : logits) mean += x;
  mean /= static_cast<double>(logits.size());
  double all = 0, of_clock = 0, of_pizza = 0, clock = 0, pizza = 0;
  for (int a = 0, i = 0; a < p; ++a)
    for (int b = 0; b < p; ++b)
      for (int c = 0; c < p; ++c, ++i) {
        const double x = logits[static_cast<std::size_t>(i)] - mean;
        const double wave = whole.cos(frequency, a + b + p - c);
        const double sliced = std::fabs(half.cos(frequency, a + 2 * p - b)) * wave;
        all += x * x;
        of_clock += x * wave;
        of_pizza += x * sliced;
        clock += wave * wave;
        pizza += sliced * sliced;
      }
  return {share_along(of_clock, clock, all), share_along(of_pizza, pizza, all)};
}

}  // namespace grok
