#include "grok/base/exact_math.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "grok/base/error.h"

namespace grok {
namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// ln 2 in two parts: the first has 32 bits, so that its product with an exponent is exact.
constexpr double ln2_high = 0x1.62e42feep-1;
constexpr double ln2_low = 0x1.a39ef35793c76p-33;

// Adding and taking away 1.5 * 2^52 rounds to the nearest whole number: the sum has no bits left
// for a fraction.
constexpr double rounder = 0x1.8p52;

template <std::size_t n>
using Coefficients = std::array<double, n>;

// 1/2!, 1/3!, ... and the like: series, long enough for 54 bits on the reduced range.
template <std::size_t n>
constexpr Coefficients<n> inverse_factorials(int first, int stride, bool alternate) {
  Coefficients<n> out{};
  double factorial = 1;  // exact up to 18!, and within half an ulp beyond
  int k = 1;
  for (std::size_t i = 0; i < n; ++i) {
    const int target = first + static_cast<int>(i) * stride;
    for (; k < target;) factorial *= ++k;
    out[i] = (alternate && i % 2 == 1 ? -1.0 : 1.0) / factorial;
  }
  return out;
}

template <std::size_t n>
constexpr Coefficients<n> odd_reciprocals() {
  Coefficients<n> out{};
  for (std::size_t i = 0; i < n; ++i) out[i] = 2.0 / static_cast<double>(2 * i + 3);
  return out;
}

template <std::size_t n>
double polynomial(const Coefficients<n>& c, double x) {
  double sum = c[n - 1];
  for (std::size_t i = n - 1; i-- > 0;) sum = sum * x + c[i];
  return sum;
}

constexpr auto exp_terms = inverse_factorials<12>(2, 1, false);  // (e^r - 1 - r) / r^2
constexpr auto sin_terms = inverse_factorials<8>(3, 2, true);    // (r - sin r) / r^3
constexpr auto cos_terms = inverse_factorials<8>(4, 2, true);    // (cos r - 1 + r^2 / 2) / r^4
constexpr auto log_terms = odd_reciprocals<11>();                // (2 atanh s - 2 s) / s^3

double power_of_two(std::int64_t n) {  // -1022 <= n <= 1023
  return std::bit_cast<double>(static_cast<std::uint64_t>(n + 1023) << 52);
}

double sin_near_zero(double t) {
  const double z = t * t;
  return t - t * z * polynomial(sin_terms, z);
}

double cos_near_zero(double t) {
  const double z = t * t;
  const double half = 0.5 * z;
  const double w = 1.0 - half;
  // 1 - z/2 loses bits that z^2/24 - ... can still hold: carry them over.
  return w + (((1.0 - w) - half) + z * z * polynomial(cos_terms, z));
}
// x = n ln 2 + r with whole n and |r| <= ln 2 / 2, and e^r.
struct ReducedExp {
  double n;  // plus `rounder`, so that the low bits of the pattern are n as a whole number
  double y;
};

inline ReducedExp reduced_exp(double x) {
  const double rounded = x * 0x1.71547652b82fep0 + rounder;
  const double n = rounded - rounder;
  const double high = x - n * ln2_high;
  const double low = n * ln2_low;
  const double r = high - low;
  const double lost = (high - r) - low;
  return {rounded, 1.0 + (r + (r * r * polynomial(exp_terms, r) + lost))};
}

// Without branches, for the compiler to vectorize: adds n to the exponent of y. For |x| <= 700.
inline double exp_in_normal_range(double x) {
  const ReducedExp e = reduced_exp(x);
  const std::uint64_t n = std::bit_cast<std::uint64_t>(e.n) << 52;
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(e.y) + n);
}
}  // namespace

double exact_exp(double x) {
  if (std::fabs(x) <= 700.0) return exp_in_normal_range(x);
  if (!(x > -746.0)) return x != x ? nan : 0.0;
  if (x > 709.79) return infinity;
  const ReducedExp reduced = reduced_exp(x);
  const auto e = static_cast<std::int64_t>(reduced.n - rounder);
  // Two steps, since 2^e itself may have no normal double.
  const std::int64_t half = e / 2;
  return reduced.y * power_of_two(half) * power_of_two(e - half);
}

void exact_exp(std::span<const double> x, std::span<double> out) {
  GROK_REQUIRE(x.size() == out.size(),
               std::to_string(x.size()) + " numbers into " + std::to_string(out.size()));
  int n_far = 0;
  for (const double v : x) n_far += std::fabs(v) <= 700.0 ? 0 : 1;
  if (n_far == 0)
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = exp_in_normal_range(x[i]);
  else
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = exact_exp(x[i]);
}

double exact_log(double x) {
  if (!(x > 0.0)) return x == 0.0 ? -infinity : nan;
  if (x == infinity) return infinity;
  std::int64_t e = 0;
  if (x < std::numeric_limits<double>::min()) {
    x *= 0x1p54;
    e = -54;
  }
  const auto bits = std::bit_cast<std::uint64_t>(x);
  e += static_cast<std::int64_t>(bits >> 52) - 1023;
  double m = std::bit_cast<double>((bits & 0xfffffffffffffULL) | 0x3ff0000000000000ULL);
  if (m > 0x1.6a09e667f3bcdp0) {  // sqrt 2: keeps m within a factor sqrt 2 of 1
    m *= 0.5;
    ++e;
  }
  // log m = 2 atanh s with s = f / (2 + f); and 2 s = f - s f, which keeps f's bits whole.
  const double f = m - 1.0;
  const double s = f / (2.0 + f);
  const double z = s * s;
  const double tail = s * (f - z * polynomial(log_terms, z));
  const auto n = static_cast<double>(e);
  if (e == 0) return f - tail;
  return n * ln2_high + (f - (tail - n * ln2_low));
}

double exact_log1p(double x) {
  const double u = 1.0 + x;
  if (u == 1.0) return x;
  if (!(u > 0.0) || u == infinity) return exact_log(u);
  // u differs from 1 + x by a rounding error, which is exact to take; log's slope there is 1/u.
  const double lost = x < 1.0 ? x - (u - 1.0) : 1.0 - (u - x);
  return exact_log(u) + lost / u;
}

CosSin exact_cos_sin_2pi(double u) {
  if (!(u < 0x1p51 && u > -0x1p51)) return {nan, nan};
  const double quarters = (4.0 * u + rounder) - rounder;
  const double t = (u - 0.25 * quarters) * 0x1.921fb54442d18p2;  // the difference is exact
  const double c = cos_near_zero(t);
  const double s = sin_near_zero(t);
  switch (static_cast<std::int64_t>(quarters) & 3) {
    case 0:
      return {c, s};
    case 1:
      return {-s, c};
    case 2:
      return {-c, -s};
    default:
      return {s, -c};
  }
}

CosSin exact_cos_sin_of_part(long long k, long long n) {
  GROK_REQUIRE(n > 0, std::to_string(n) + " parts of a circle");
  long long part = k % n;
  if (part < 0) part += n;
  // By symmetry, so that cos(2 pi k/n) and cos(2 pi (n-k)/n) are the same bits.
  const bool mirrored = 2 * part > n;
  if (mirrored) part = n - part;
  CosSin out = exact_cos_sin_2pi(static_cast<double>(part) / static_cast<double>(n));
  if (mirrored) out.sin = -out.sin;
  return out;
}

}  // namespace grok
