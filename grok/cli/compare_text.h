#pragma once
// Two runs side by side, as people and as programs read them.

#include <string>

#include "grok/lab/compare.h"

namespace grok::cli {

/// At most some twenty steps of the metrics, among them the first after the parting.
std::string compare_text(const std::string& a, const std::string& b, const Comparison& comparison);
/// All of them.
std::string compare_json(const std::string& a, const std::string& b, const Comparison& comparison);

}  // namespace grok::cli
