#pragma once
// What a sweep looks at before it touches anything.

#include <filesystem>

#include "grok/lab/sweep_plan.h"

namespace grok {

/// Looks for mistakes that the plan alone does not show: files in the folder that hold runs of
/// another spec under the names of these, and runs that are yet to begin whose parts do not fit
/// together. A file that cannot be read is no mistake of the user's: its row says what is wrong.
///
///   throws   Error{usage}, of the parts with all mistakes, one a line; others as making a task's
///            examples does
///   cost     opens every file that is there; of each combination, whatever its seeds, makes the
///            examples and the first weights once
void check_runs(const SweepPlan& plan, const std::filesystem::path& folder);

}  // namespace grok
