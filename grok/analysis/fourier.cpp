#include "grok/analysis/fourier.h"

#include <cmath>
#include <string>

#include "grok/base/error.h"
#include "grok/base/exact_math.h"

namespace grok {
namespace {

// out[i, :] += weight * in[:], the inner loop of every transform: element-wise, so its bits do not
// depend on how it is vectorized.
void add_scaled(double weight, Doubles in, std::span<double> out) {
  for (std::size_t j = 0; j < in.size(); ++j) out[j] += weight * in[j];
}

std::size_t columns(Doubles m, std::size_t rows) {
  GROK_REQUIRE(m.size() % rows == 0,
               std::to_string(m.size()) + " numbers are no " + std::to_string(rows) + " rows");
  return m.size() / rows;
}

}  // namespace

Circle::Circle(int p) {
  GROK_REQUIRE(p >= 2, "p is " + std::to_string(p));
  for (int m = 0; m < p; ++m) {
    const CosSin point = exact_cos_sin_of_part(m, p);
    cos_.push_back(point.cos);
    sin_.push_back(point.sin);
  }
}

int n_frequencies(int p) { return (p - 1) / 2; }

FourierBasis::FourierBasis(int p) : p_(p) {
  const Circle circle(p);
  const double constant = 1.0 / std::sqrt(static_cast<double>(p));
  const double norm = std::sqrt(2.0 / p);
  rows_.reserve(static_cast<std::size_t>(p) * static_cast<std::size_t>(p));
  rows_.assign(static_cast<std::size_t>(p), constant);
  for (int k = 1; k <= n_frequencies(p); ++k) {
    for (int x = 0; x < p; ++x) rows_.push_back(norm * circle.cos(k, x));
    for (int x = 0; x < p; ++x) rows_.push_back(norm * circle.sin(k, x));
  }
  if (p % 2 == 0)
    for (int x = 0; x < p; ++x) rows_.push_back(x % 2 == 0 ? constant : -constant);
}

Doubles FourierBasis::row(int i) const {
  GROK_REQUIRE(i >= 0 && i < p_, "row " + std::to_string(i) + " of " + std::to_string(p_));
  const auto p = static_cast<std::size_t>(p_);
  return Doubles(rows_).subspan(static_cast<std::size_t>(i) * p, p);
}

std::vector<double> fourier_transform(const FourierBasis& basis, Doubles m) {
  const auto p = static_cast<std::size_t>(basis.p());
  const std::size_t d = columns(m, p);
  std::vector<double> out(m.size());
  for (std::size_t f = 0; f < p; ++f) {
    const Doubles row = basis.row(static_cast<int>(f));
    for (std::size_t x = 0; x < p; ++x)
      add_scaled(row[x], m.subspan(x * d, d), std::span(out).subspan(f * d, d));
  }
  return out;
}

std::vector<double> fourier_transform_2d(const FourierBasis& basis, Doubles m) {
  const auto p = static_cast<std::size_t>(basis.p());
  const std::size_t d = columns(m, p * p);
  // The first axis with (y, column) as columns, then the second axis of each block.
  std::vector<double> half = fourier_transform(basis, m);
  for (std::size_t f = 0; f < p; ++f) {
    const std::span<double> block = std::span(half).subspan(f * p * d, p * d);
    const std::vector<double> done = fourier_transform(basis, block);
    std::copy(done.begin(), done.end(), block.begin());
  }
  return half;
}

std::vector<double> component_norms(const FourierBasis& basis, Doubles m) {
  const auto p = static_cast<std::size_t>(basis.p());
  const std::vector<double> g = fourier_transform(basis, m);
  const std::size_t d = g.size() / p;
  std::vector<double> norms(p);
  for (std::size_t f = 0; f < p; ++f) {
    double sum = 0;
    for (const double x : Doubles(g).subspan(f * d, d)) sum += x * x;
    norms[f] = std::sqrt(sum);
  }
  return norms;
}

std::vector<double> frequency_norms(Doubles component_norms) {
  std::vector<double> out;
  for (std::size_t i = 1; i + 1 < component_norms.size(); i += 2)
    out.push_back(std::sqrt(component_norms[i] * component_norms[i] +
                            component_norms[i + 1] * component_norms[i + 1]));
  return out;
}

}  // namespace grok
