#include "grok/analysis/symmetric_eigen.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "grok/base/error.h"

namespace grok {
namespace {

constexpr int most_sweeps = 60;       // ten are enough
constexpr double negligible = 1e-34;  // sum of squares beside the diagonal, as a share of all

class Jacobi {
 public:
  Jacobi(Doubles a, int n) : n_(static_cast<std::size_t>(n)), a_(a.begin(), a.end()) {
    for (std::size_t i = 0; i < n_; ++i)
      for (std::size_t j = 0; j < i; ++j) a_[i * n_ + j] = a_[j * n_ + i];
    vectors_.assign(n_ * n_, 0);
    for (std::size_t i = 0; i < n_; ++i) vectors_[i * n_ + i] = 1;
  }

  SymmetricEigen run() {
    double all = 0;
    for (const double x : a_) all += x * x;
    for (int sweep = 0; sweep < most_sweeps && beside_diagonal() > negligible * all; ++sweep)
      for (std::size_t i = 0; i < n_; ++i)
        for (std::size_t j = i + 1; j < n_; ++j) rotate(i, j);
    return sorted();
  }

 private:
  double beside_diagonal() const {
    double sum = 0;
    for (std::size_t i = 0; i < n_; ++i)
      for (std::size_t j = 0; j < n_; ++j)
        if (i != j) sum += a_[i * n_ + j] * a_[i * n_ + j];
    return sum;
  }

  // Turns the axes i and j until the element at (i, j) is nothing.
  void rotate(std::size_t i, std::size_t j) {
    const double at = a_[i * n_ + j];
    if (at == 0) return;
    const double theta = (a_[j * n_ + j] - a_[i * n_ + i]) / (2 * at);
    const double root = std::sqrt(theta * theta + 1);
    const double t = theta >= 0 ? 1 / (theta + root) : 1 / (theta - root);
    const double c = 1 / std::sqrt(t * t + 1), s = t * c;
    turn_rows(a_, i, j, c, s);
    for (std::size_t k = 0; k < n_; ++k) {
      const double x = a_[k * n_ + i], y = a_[k * n_ + j];
      a_[k * n_ + i] = c * x - s * y;
      a_[k * n_ + j] = s * x + c * y;
    }
    a_[i * n_ + j] = a_[j * n_ + i] = 0;
    turn_rows(vectors_, i, j, c, s);
  }

  void turn_rows(std::vector<double>& m, std::size_t i, std::size_t j, double c, double s) const {
    for (std::size_t k = 0; k < n_; ++k) {
      const double x = m[i * n_ + k], y = m[j * n_ + k];
      m[i * n_ + k] = c * x - s * y;
      m[j * n_ + k] = s * x + c * y;
    }
  }

  SymmetricEigen sorted() const {
    std::vector<std::size_t> order(n_);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t i, std::size_t j) { return a_[i * n_ + i] > a_[j * n_ + j]; });
    SymmetricEigen out;
    for (const std::size_t i : order) {
      out.values.push_back(a_[i * n_ + i]);
      out.vectors.insert(out.vectors.end(), vectors_.begin() + static_cast<std::ptrdiff_t>(i * n_),
                         vectors_.begin() + static_cast<std::ptrdiff_t>((i + 1) * n_));
    }
    return out;
  }

  std::size_t n_;
  std::vector<double> a_, vectors_;
};

}  // namespace

SymmetricEigen symmetric_eigen(Doubles a, int n) {
  const auto size = static_cast<std::size_t>(n);
  GROK_REQUIRE(n >= 1 && a.size() == size * size,
               std::to_string(a.size()) + " numbers for n = " + std::to_string(n));
  if (!std::all_of(a.begin(), a.end(), [](double x) { return std::isfinite(x); })) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    return {std::vector<double>(size, nan), std::vector<double>(size * size, nan)};
  }
  return Jacobi(a, n).run();
}

}  // namespace grok
