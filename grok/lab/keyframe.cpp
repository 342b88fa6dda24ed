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

constexpr double most_bytes = 1e9;  // SQLite's limit for one value
constexpr double surely_small = 5e7;

// In double: the sizes that a spec names may be beyond all integers.
double n_weights(const RunSpec& spec, const TaskData& task) {
  double out = 0;
  for (const WeightInfo& weight : weight_infos(spec, task)) {
    double size = 1;
    for (const std::int64_t dim : weight.shape.dims()) size *= static_cast<double>(dim);
    out += size;
  }
  return out;
}

double bytes_of(const NamedTensors& tensors) {
  double out = 0;
  for (const auto& [name, tensor] : tensors) out += 4 * static_cast<double>(tensor.data.size());
  return out;
}

std::string in_millions(double x) {
  return std::to_string(static_cast<long long>(x / 1e6)) + " million";
}

}  // namespace

void require_storable(const RunSpec& spec, const TaskData& task) {
  const double n = n_weights(spec, task);
  double bytes = 4 * n;
  if (bytes <= surely_small) return;
  if (bytes <= most_bytes) bytes = bytes_of(keyframe_tensors(first_checkpoint(spec, task)));
  if (bytes <= most_bytes) return;
  throw Error(ErrorCode::usage,
              "model: of " + in_millions(n) + " weights; with what the optimizer " +
                  spec.optim.text("name") + " remembers, a keyframe takes at least " +
                  in_millions(bytes) +
                  " bytes, and a run file holds at most 1000 million in one piece. Choose smaller "
                  "widths or fewer layers");
}

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
