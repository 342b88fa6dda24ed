#include "grok/cli/median_text.h"

#include <cmath>

#include "grok/cli/format.h"

namespace grok::cli {

std::string median_text(const SurvivalQuantile& median, const std::string& unit) {
  if (!median.step)
    return median.low ? "no median yet: above " + grouped(*median.low) + unit
                      : "no median: fewer than half had it";
  std::string out = grouped(std::llround(*median.step)) + unit + " [";
  out += median.low ? grouped(*median.low) : "-";
  out += ", ";
  out += median.high ? grouped(*median.high) : "...";
  return out + "]";
}

std::string ratio_text(const MedianRatio& ratio) {
  std::string out = significant(ratio.ratio, 3) + " [";
  out += ratio.low ? significant(*ratio.low, 3) : "0";
  out += ", ";
  out += ratio.high ? significant(*ratio.high, 3) : "...";
  return out + "]";
}

}  // namespace grok::cli
