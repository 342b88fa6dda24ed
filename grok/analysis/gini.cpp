#include "grok/analysis/gini.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "grok/base/error.h"

namespace grok {

double gini(Doubles sizes) {
  GROK_REQUIRE(!sizes.empty(), "the inequality of no sizes");
  for (const double x : sizes) {
    if (std::isnan(x)) return std::numeric_limits<double>::quiet_NaN();
    GROK_REQUIRE(x >= 0, "a size of " + std::to_string(x));
  }
  std::vector<double> x(sizes.begin(), sizes.end());
  std::sort(x.begin(), x.end());
  const auto n = static_cast<double>(x.size());
  double sum = 0, weighted = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sum += x[i];
    weighted += (2 * static_cast<double>(i + 1) - n - 1) * x[i];
  }
  return sum == 0 ? 0 : weighted / (n * sum);
}

}  // namespace grok
