#pragma once
// The median time to an event, and the ratio of two, as people read them.

#include <string>

#include "grok/analysis/survival.h"

namespace grok::cli {

/// "8,600 [7,900, ...]": `-` and `...` where the runs do not say how short, or how long, it may be;
/// without a median, what is known instead.
///   unit   " steps", or nothing where it is a step
std::string median_text(const SurvivalQuantile& median, const std::string& unit = "");

/// "1.12 [0.522, ...]"
std::string ratio_text(const MedianRatio& ratio);

}  // namespace grok::cli
