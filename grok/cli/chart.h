#pragma once
// Curves drawn with characters, both axes logarithmic: loss over steps.

#include <string>
#include <vector>

#include "grok/analysis/changepoint.h"

namespace grok::cli {

struct ChartCurve {
  std::string label;
  Series series;
};

/// One area chart below the other, all on the same axes, and the axis of steps. At most four lines
/// per curve and one for the axis; nothing if there is nothing positive to draw, or the
/// steps end before the tenth.
///   source  eighths of a block, U+2581 to U+2588
std::vector<std::string> chart(const std::vector<ChartCurve>& curves);

}  // namespace grok::cli
