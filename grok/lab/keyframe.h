#pragma once
// The state of a run as named tensors, as it stands in a keyframe: "weights.NAME" and
// "optimizer.NAME", in the order of the model, then "terms.LABEL" where a term keeps something.

#include <string>

#include "grok/store/moment.h"
#include "grok/train/trainer.h"

namespace grok {

NamedTensors keyframe_tensors(const Checkpoint& checkpoint);

/// Refuses a run whose state a run file cannot hold: more than 10^9 bytes in one keyframe. To be
/// asked before the model is built, for one that large may not fit into memory either.
///   throws   Error{usage} with the numbers
void require_storable(const RunSpec& spec, const TaskData& task);

/// throws   Error{damaged} on a tensor that is neither weight nor state
Checkpoint checkpoint_of(const Keyframe& keyframe);

/// The weights alone.
Weights weights_of(const Keyframe& keyframe);

/// SHA-256 over the safetensors bytes of the weights, sorted by name and without metadata: equal
/// exactly if all names, shapes and bits are equal.
std::string weights_digest(const Weights& weights);

}  // namespace grok
