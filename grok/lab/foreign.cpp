#include "grok/lab/foreign.h"

#include "grok/store/safetensors_header.h"

namespace grok {

void check_weights(const Weights& weights, std::span<const WeightInfo> expected) {
  for (const WeightInfo& info : expected) {
    const Tensor* found = weights.find(info.name);
    if (found && found->shape == info.shape) continue;
    throw Error(ErrorCode::damaged, "keyframe: weights." + info.name + ": expected " +
                                        info.shape.to_string() + ", found " +
                                        (found ? found->shape.to_string() : "nothing") +
                                        "; another program changed the file");
  }
  if (weights.size() == expected.size()) return;
  throw Error(ErrorCode::damaged, "keyframe: expected " + std::to_string(expected.size()) +
                                      " weights, found " + std::to_string(weights.size()) +
                                      "; another program changed the file");
}

}  // namespace grok
