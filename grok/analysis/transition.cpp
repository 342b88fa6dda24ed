#include "grok/analysis/transition.h"

#include <algorithm>
#include <cmath>

#include "grok/base/error.h"

namespace grok {
namespace {

double logistic(double z) {
  if (z >= 0) return 1 / (1 + std::exp(-z));
  const double e = std::exp(z);
  return e / (1 + e);
}

double logistic_slope(double z) {
  const double e = std::exp(-std::abs(z));
  return e / ((1 + e) * (1 + e));
}

}  // namespace

double Transition::progress(double x) const {
  const double z = x - centre;
  const double total = before + after;
  return z <= 0 ? 2 * before / total * logistic(z / before)
                : 1 - 2 * after / total * logistic(-z / after);
}

double Transition::rate(double x) const {
  const double z = x - centre;
  return 2 / (before + after) * logistic_slope(z / (z <= 0 ? before : after));
}

double Transition::at(double share) const {
  GROK_REQUIRE(share > 0 && share < 1, "a share of the progress outside (0, 1)");
  const double total = before + after;
  if (share * total <= before) {
    const double g = share * total / (2 * before);
    return centre + before * std::log(g / (1 - g));
  }
  const double g = (1 - share) * total / (2 * after);
  return centre - after * std::log(g / (1 - g));
}

TransitionGradient gradient(const Transition& shape, double x) {
  const double a = shape.before, b = shape.after, total = a + b, z = x - shape.centre;
  TransitionGradient out;
  out.centre = -shape.rate(x);
  if (z <= 0) {
    const double g = logistic(z / a);
    out.before = 2 * b / (total * total) * g - 2 / total * logistic_slope(z / a) * z / a;
    out.after = -2 * a / (total * total) * g;
  } else {
    const double g = logistic(-z / b);
    out.before = 2 * b / (total * total) * g;
    out.after = -2 * a / (total * total) * g - 2 / total * logistic_slope(z / b) * z / b;
  }
  return out;
}

double largest_share(const Transition& shape, const std::function<double(double)>& end_of,
                     double first) {
  const auto share = [&](double x) { return shape.progress(end_of(x)) - shape.progress(x); };
  constexpr double golden = 0.6180339887498949;
  double low = first, high = std::max(first, shape.centre + 3 * shape.after);
  // One window is the best: the rate has a single peak.
  for (int i = 0; i < 80; ++i) {
    const double left = high - golden * (high - low), right = low + golden * (high - low);
    if (share(left) < share(right))
      low = left;
    else
      high = right;
  }
  return share(low);
}

}  // namespace grok
