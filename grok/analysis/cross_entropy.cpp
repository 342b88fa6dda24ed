#include "grok/analysis/cross_entropy.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <string>

#include "grok/base/error.h"
#include "grok/base/exact_math.h"

namespace grok {

std::vector<std::int32_t> all_rows(std::int64_t n) {
  std::vector<std::int32_t> rows(static_cast<std::size_t>(n));
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

double cross_entropy_of_row(Doubles logits, std::size_t label) {
  const auto top =
      static_cast<std::size_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
  const std::size_t kept = logits[label] == logits[top] ? label : top;
  // The largest logit's own exp is the 1 of log1p, so that small losses keep all their digits.
  std::array<double, 128> part{};
  double others = 0;
  for (std::size_t begin = 0; begin < logits.size(); begin += part.size()) {
    const std::size_t n = std::min(part.size(), logits.size() - begin);
    for (std::size_t i = 0; i < n; ++i) part[i] = logits[begin + i] - logits[kept];
    exact_exp(std::span<const double>(part).first(n), std::span(part).first(n));
    if (kept >= begin && kept - begin < n) part[kept - begin] = 0;
    for (std::size_t i = 0; i < n; ++i) others += part[i];
  }
  return (logits[kept] - logits[label]) + exact_log1p(others);
}

LossAndAccuracy cross_entropy(Doubles logits, std::int64_t n_classes, Tokens labels, Rows rows) {
  const auto n = static_cast<std::size_t>(n_classes);
  GROK_REQUIRE(n_classes > 0 && logits.size() == labels.size() * n,
               std::to_string(logits.size()) + " logits for " + std::to_string(labels.size()) +
                   " rows of " + std::to_string(n_classes));
  if (rows.empty()) return {std::numeric_limits<double>::quiet_NaN(), 0};
  double sum = 0;
  std::int64_t n_right = 0;
  for (const std::int32_t r : rows) {
    GROK_REQUIRE(r >= 0 && static_cast<std::size_t>(r) < labels.size(),
                 "row " + std::to_string(r) + " of " + std::to_string(labels.size()));
    const auto i = static_cast<std::size_t>(r);
    const auto label = static_cast<std::size_t>(labels[i]);
    GROK_REQUIRE(labels[i] >= 0 && label < n, "label " + std::to_string(labels[i]));
    const Doubles row = logits.subspan(i * n, n);
    sum += cross_entropy_of_row(row, label);
    const auto guess = std::max_element(row.begin(), row.end()) - row.begin();
    if (static_cast<std::size_t>(guess) == label) ++n_right;
  }
  const auto count = static_cast<double>(rows.size());
  return {sum / count, static_cast<double>(n_right) / count};
}

}  // namespace grok
