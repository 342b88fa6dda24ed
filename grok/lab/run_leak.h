#pragma once
// How much of a run's test accuracy its task's symmetry gives away.

#include <optional>

#include "grok/store/run_file.h"
#include "grok/tasks/mirror_leak.h"

namespace grok {

/// None also where this version does not know the task, or cannot make its examples here.
///   cost   makes the task's examples
std::optional<MirrorLeak> leak_of(const RunFile& file);

}  // namespace grok
