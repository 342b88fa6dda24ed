#include "grok/analysis/eigenvalues.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include "grok/base/error.h"

namespace grok {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr int most_steps = 60;       // for one eigenvalue; three are usual
constexpr int steps_of_a_kind = 10;  // then shifts are taken from elsewhere, to get out of a cycle

// I - 2 v v^T / (v^T v), which takes x to a multiple of the first axis.
struct Reflection {
  std::vector<double> v;
  double factor = 0;  // 2 / (v^T v); 0: leaves everything as it is

  explicit Reflection(std::vector<double> x) : v(std::move(x)) {
    double largest = 0;
    for (const double e : v) largest = std::max(largest, std::fabs(e));
    double rest = 0;
    for (std::size_t i = 1; i < v.size(); ++i) rest = std::max(rest, std::fabs(v[i]));
    if (rest == 0) return;
    double sum = 0;
    for (double& e : v) {
      e /= largest;
      sum += e * e;
    }
    const double length = std::sqrt(sum);
    v[0] += v[0] >= 0 ? length : -length;
    double squares = 0;
    for (const double e : v) squares += e * e;
    factor = 2 / squares;
  }
};

class Francis {
 public:
  Francis(Doubles a, int n) : n_(n), h_(a.begin(), a.end()) {}

  std::vector<Eigenvalue> run() {
    reduce_to_hessenberg();
    int high = n_ - 1, n_steps = 0;
    while (high >= 0) {
      const int low = start_of_block(high);
      if (low >= high - 1) {
        if (low == high)
          take_one(high);
        else
          take_two(high);
        high = low - 1;
        n_steps = 0;
      } else if (++n_steps > most_steps) {
        return std::vector<Eigenvalue>(static_cast<std::size_t>(n_), {nan, nan});
      } else {
        step(low, high, n_steps);
      }
    }
    return std::move(found_);
  }

 private:
  double& at(int i, int j) {
    return h_[static_cast<std::size_t>(i) * static_cast<std::size_t>(n_) +
              static_cast<std::size_t>(j)];
  }

  // Rows first .. of the columns [begin, end).
  void reflect_rows(const Reflection& r, int first, int begin, int end) {
    for (int j = begin; j < end; ++j) {
      double sum = 0;
      for (std::size_t i = 0; i < r.v.size(); ++i)
        sum += r.v[i] * at(first + static_cast<int>(i), j);
      for (std::size_t i = 0; i < r.v.size(); ++i)
        at(first + static_cast<int>(i), j) -= r.factor * sum * r.v[i];
    }
  }

  // Columns first .. of the rows [begin, end).
  void reflect_columns(const Reflection& r, int first, int begin, int end) {
    for (int i = begin; i < end; ++i) {
      double sum = 0;
      for (std::size_t j = 0; j < r.v.size(); ++j)
        sum += r.v[j] * at(i, first + static_cast<int>(j));
      for (std::size_t j = 0; j < r.v.size(); ++j)
        at(i, first + static_cast<int>(j)) -= r.factor * sum * r.v[j];
    }
  }

  void reduce_to_hessenberg() {
    for (int k = 0; k + 2 < n_; ++k) {
      std::vector<double> column;
      for (int i = k + 1; i < n_; ++i) column.push_back(at(i, k));
      const Reflection r(std::move(column));
      reflect_rows(r, k + 1, k, n_);
      reflect_columns(r, k + 1, 0, n_);
      for (int i = k + 2; i < n_; ++i) at(i, k) = 0;
    }
  }

  // Where the block that ends at `high` begins: above it a subdiagonal element is nothing, or so
  // small that it is made nothing.
  int start_of_block(int high) {
    int low = high;
    for (; low > 0; --low) {
      double beside = std::fabs(at(low - 1, low - 1)) + std::fabs(at(low, low));
      if (beside == 0) beside = largest();
      if (std::fabs(at(low, low - 1)) > epsilon * beside) continue;
      at(low, low - 1) = 0;
      break;
    }
    return low;
  }

  double largest() const {
    double out = 0;
    for (const double x : h_) out = std::max(out, std::fabs(x));
    return out;
  }

  void take_one(int i) { found_.push_back({at(i, i), 0}); }

  void take_two(int high) {
    const double a = at(high - 1, high - 1), d = at(high, high);
    const double half = (a - d) / 2, product = at(high - 1, high) * at(high, high - 1);
    const double discriminant = half * half + product;
    if (discriminant < 0) {
      const double middle = (a + d) / 2, turn = std::sqrt(-discriminant);
      found_.push_back({middle, turn});
      found_.push_back({middle, -turn});
      return;
    }
    // The one further from d, and the other by their product: no difference of near equals.
    const double root = std::sqrt(discriminant), far = half + (half >= 0 ? root : -root);
    found_.push_back({d + far, 0});
    found_.push_back({far == 0 ? d : d - product / far, 0});
  }

  // One implicit QR step on the block low .. high with both eigenvalues of its last two rows as
  // shifts: a bump of three rows is chased down the subdiagonal.
  void step(int low, int high, int n_steps) {
    double sum = at(high - 1, high - 1) + at(high, high);
    double product =
        at(high - 1, high - 1) * at(high, high) - at(high - 1, high) * at(high, high - 1);
    if (n_steps % steps_of_a_kind == 0) {
      const double size = std::fabs(at(high, high - 1)) + std::fabs(at(high - 1, high - 2));
      sum = 1.5 * size;
      product = size * size;
    }
    double x = at(low, low) * at(low, low) + at(low, low + 1) * at(low + 1, low) -
               sum * at(low, low) + product;
    double y = at(low + 1, low) * (at(low, low) + at(low + 1, low + 1) - sum);
    double z = at(low + 1, low) * at(low + 2, low + 1);
    for (int k = low; k < high; ++k) {
      const bool is_last = k == high - 1;
      const Reflection r(is_last ? std::vector<double>{x, y} : std::vector<double>{x, y, z});
      reflect_rows(r, k, std::max(k - 1, low), high + 1);
      reflect_columns(r, k, low, std::min(k + 3, high) + 1);
      if (k > low) at(k + 1, k - 1) = 0;
      if (k > low && !is_last) at(k + 2, k - 1) = 0;
      if (is_last) break;
      x = at(k + 1, k);
      y = at(k + 2, k);
      z = k + 3 <= high ? at(k + 3, k) : 0;
    }
  }

  int n_;
  std::vector<double> h_;
  std::vector<Eigenvalue> found_;
};

// By modulus; of equal ones (a pair) the larger real part, then the larger imaginary part first.
bool comes_before(const Eigenvalue& a, const Eigenvalue& b) {
  const double left = a.modulus(), right = b.modulus();
  if (left != right) return left > right;
  if (a.real != b.real) return a.real > b.real;
  return a.imaginary > b.imaginary;
}

}  // namespace

double Eigenvalue::modulus() const {
  const double x = std::fabs(real), y = std::fabs(imaginary);
  const double large = std::max(x, y), small = std::min(x, y);
  return large == 0 ? 0 : large * std::sqrt(1 + (small / large) * (small / large));
}

std::vector<Eigenvalue> eigenvalues(Doubles a, int n) {
  const auto size = static_cast<std::size_t>(n);
  GROK_REQUIRE(n >= 1 && a.size() == size * size,
               std::to_string(a.size()) + " numbers for n = " + std::to_string(n));
  if (!std::all_of(a.begin(), a.end(), [](double x) { return std::isfinite(x); }))
    return std::vector<Eigenvalue>(size, {nan, nan});
  std::vector<Eigenvalue> out = Francis(a, n).run();
  if (!std::isnan(out[0].real)) std::stable_sort(out.begin(), out.end(), comes_before);
  return out;
}

}  // namespace grok
