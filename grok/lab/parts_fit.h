#pragma once
// Mistakes of a spec that show only when its parts are made and meet.

#include "grok/spec/run_spec.h"

namespace grok {

/// Makes what a run begins with, and lets it go again: the task's examples, the graph of the loss,
/// the first weights and what the optimizer remembers, the source of the batches.
///   throws   Error as they do, usage if the parts do not fit together
void require_parts_fit(const RunSpec& spec);

}  // namespace grok
