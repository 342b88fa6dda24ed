#pragma once
// What a spec's training graph is given in step 0: weights, and a batch where a step takes one.

#include "tests/support/graph_check.h"

namespace grok {

/// Of every weight (`first_weights`) and every input. Terms of the loss have some frequencies each,
/// though first weights have none that stand out.
Bindings first_bindings(const RunSpec& spec, const TaskData& task);

}  // namespace grok
