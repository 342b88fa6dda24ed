#include "grok/lab/keyframe.h"

#include <algorithm>
#include <vector>

#include "grok/base/digest.h"
#include "grok/base/error.h"
#include "grok/store/safetensors.h"

namespace grok {
namespace {

constexpr std::string_view weights_prefix = "weights.";
constexpr std::string_view optimizer_prefix = "optimizer.";
constexpr std::string_view terms_prefix = "terms.";

}  // namespace

NamedTensors keyframe_tensors(const Checkpoint& checkpoint) {
  NamedTensors out;
  for (const auto& [name, tensor] : checkpoint.weights)
    out.add(std::string(weights_prefix) + name, tensor);
  for (const auto& [name, tensor] : checkpoint.optimizer)
    out.add(std::string(optimizer_prefix) + name, tensor);
  for (const auto& [name, tensor] : checkpoint.terms)
    out.add(std::string(terms_prefix) + name, tensor);
  return out;
}

Checkpoint checkpoint_of(const Keyframe& keyframe) {
  Checkpoint out;
  out.step = keyframe.step;
  for (const auto& [name, tensor] : keyframe.tensors) {
    if (name.starts_with(weights_prefix)) {
      out.weights.add(name.substr(weights_prefix.size()), tensor);
    } else if (name.starts_with(optimizer_prefix)) {
      out.optimizer.add(name.substr(optimizer_prefix.size()), tensor);
    } else if (name.starts_with(terms_prefix)) {
      out.terms.add(name.substr(terms_prefix.size()), tensor);
    } else {
      throw Error(ErrorCode::damaged,
                  "keyframe at step " + std::to_string(keyframe.step) + ": " + name +
                      " is neither a weight nor state of the optimizer or of a term");
    }
  }
  return out;
}

Weights weights_of(const Keyframe& keyframe) { return checkpoint_of(keyframe).weights; }

std::string weights_digest(const Weights& weights) {
  std::vector<const Weights::Entry*> order;
  for (const Weights::Entry& entry : weights) order.push_back(&entry);
  std::sort(order.begin(), order.end(),
            [](const auto* a, const auto* b) { return a->name < b->name; });
  NamedTensors sorted;
  for (const Weights::Entry* entry : order) sorted.add(entry->name, entry->tensor);
  return sha256_hex(encode_safetensors(sorted));
}

}  // namespace grok
