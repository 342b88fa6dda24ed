#pragma once
// exp, log, sine and cosine of our own, in double. The C library's differ between machines and
// versions in the last bit; these use nothing but +, -, *, / and sqrt, each of which IEEE 754
// fixes, so they give the same bits everywhere (with -ffp-contract=off, as all of grokscope is
// built).

#include <span>

namespace grok {

/// e^x, within 1 ulp for normal results; 0 below -746, infinity above 709.79, NaN for NaN.
double exact_exp(double x);

/// The same bits for each x, several at a time and so some times faster; in place if out is x.
void exact_exp(std::span<const double> x, std::span<double> out);

/// Natural logarithm, within 1 ulp; -infinity at 0, NaN below 0. Denormals are taken as they are.
double exact_log(double x);

/// log(1 + x), within 2 ulp, also where x is tiny; -infinity at -1, NaN below.
double exact_log1p(double x);

struct CosSin {
  double cos = 1;
  double sin = 0;
};

/// cos and sin of 2 pi u, for |u| below 2^51, within 2 ulp; NaN for others. Turns, not radians, so
/// that the reduction to an eighth of a circle is exact.
CosSin exact_cos_sin_2pi(double u);

/// cos and sin of 2 pi k / n for whole k and n > 0: the angle is reduced in whole numbers first.
CosSin exact_cos_sin_of_part(long long k, long long n);

}  // namespace grok
