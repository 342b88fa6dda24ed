#pragma once
// A sweep's rows as people read them.

#include <span>
#include <string>

#include "grok/lab/sweep.h"

namespace grok::cli {

/// A line for each run; then, for each setting of the grid, how many of its seeds grokked, and
/// when.
std::string sweep_text(const SweepPlan& plan, std::span<const SweepRow> rows);

}  // namespace grok::cli
