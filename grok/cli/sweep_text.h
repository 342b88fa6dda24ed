#pragma once
// A sweep's rows as people read them.

#include <span>
#include <string>

#include "grok/lab/sweep.h"

namespace grok::cli {

std::string sweep_text(const SweepPlan& plan, std::span<const SweepRow> rows);

}  // namespace grok::cli
