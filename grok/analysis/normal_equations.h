#pragma once
// Small linear least squares, by normal equations.

#include <array>
#include <cmath>
#include <cstddef>
#include <optional>

namespace grok {

/// Sums of squares and products of the rows of a least-squares problem with N unknowns.
template <std::size_t N>
class NormalEquations {
 public:
  void add(const std::array<double, N>& row, double target, double weight) {
    for (std::size_t i = 0; i < N; ++i) {
      const double r = weight * row[i];
      for (std::size_t j = 0; j <= i; ++j) matrix_[i][j] += r * row[j];
      right_[i] += r * target;
    }
  }

  /// The solution, with the diagonal raised by a factor 1 + damping, where the matrix is positive
  /// definite up to rounding.
  std::optional<std::array<double, N>> solve(double damping = 0) const {
    std::optional<Rows> l = cholesky(damping);
    if (!l) return std::nullopt;
    return substitute(*l, right_);
  }

  /// v' M^-1 v, with M the matrix of the equations: the variance of the combination v of the
  /// unknowns, for noise of variance 1.
  std::optional<double> quadratic(const std::array<double, N>& v) const {
    const std::optional<Rows> l = cholesky(0);
    if (!l) return std::nullopt;
    const std::array<double, N> solved = substitute(*l, v);
    double sum = 0;
    for (std::size_t i = 0; i < N; ++i) sum += v[i] * solved[i];
    return sum;
  }

 private:
  using Rows = std::array<std::array<double, N>, N>;

  std::optional<Rows> cholesky(double damping) const {
    Rows l{};
    for (std::size_t i = 0; i < N; ++i)
      for (std::size_t j = 0; j <= i; ++j) {
        const double given = matrix_[i][j] * (i == j ? 1 + damping : 1);
        double sum = given;
        for (std::size_t k = 0; k < j; ++k) sum -= l[i][k] * l[j][k];
        if (i != j)
          l[i][j] = sum / l[j][j];
        else if (sum > 1e-13 * given && std::isfinite(sum))
          l[i][i] = std::sqrt(sum);
        else
          return std::nullopt;
      }
    return l;
  }

  static std::array<double, N> substitute(const Rows& l, std::array<double, N> v) {
    for (std::size_t i = 0; i < N; ++i) {
      for (std::size_t k = 0; k < i; ++k) v[i] -= l[i][k] * v[k];
      v[i] /= l[i][i];
    }
    for (std::size_t i = N; i-- > 0;) {
      for (std::size_t k = i + 1; k < N; ++k) v[i] -= l[k][i] * v[k];
      v[i] /= l[i][i];
    }
    return v;
  }

  Rows matrix_{};  // lower half
  std::array<double, N> right_{};
};

}  // namespace grok
