#include "grok/lab/same_bits.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <nlohmann/json.hpp>

#include "grok/base/digest.h"
#include "grok/base/error.h"
#include "grok/lab/foreign.h"
#include "grok/lab/manifest.h"
#include "grok/plan/program.h"
#include "grok/spec/params.h"
#include "grok/store/safetensors.h"

namespace grok {
namespace {

std::size_t first_difference(const Tensor& a, const Tensor& b) {
  std::size_t i = 0;
  while (i < a.data.size() && std::memcmp(&a.data[i], &b.data[i], sizeof(float)) == 0) ++i;
  return i;
}

std::size_t n_differences(const Tensor& a, const Tensor& b) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < a.data.size(); ++i)
    n += std::memcmp(&a.data[i], &b.data[i], sizeof(float)) != 0;
  return n;
}

std::string number(float x) { return std::isfinite(x) ? real_text(x) : std::to_string(x); }

// Nothing if the two are equal.
std::string difference(const NamedTensors& recorded, const NamedTensors& found) {
  for (const auto& [name, tensor] : recorded) {
    const Tensor* other = found.find(name);
    if (!other) return name + " is not among what was computed";
    if (other->shape != tensor.shape)
      return name + " was recorded with shape " + tensor.shape.to_string() + ", computed with " +
             other->shape.to_string();
    const std::size_t i = first_difference(tensor, *other);
    if (i == tensor.data.size()) continue;
    return name + " differs in " + std::to_string(n_differences(tensor, *other)) + " of " +
           std::to_string(tensor.data.size()) + " numbers, the first at index " +
           std::to_string(i) + ": recorded " + number(tensor.data[i]) + ", computed " +
           number(other->data[i]);
  }
  return recorded.size() == found.size() ? "" : "a tensor was computed that was not recorded";
}

}  // namespace

void require_same_plan(const RunFile& file) {
  const auto manifest = foreign_json(file.manifest_json());
  const bool is_there = manifest.is_object() && manifest.contains("plan_version") &&
                        manifest["plan_version"].is_number_integer();
  const std::int64_t found = is_there ? manifest["plan_version"].get<std::int64_t>() : -1;
  if (found == plan_version) return;
  throw Error(ErrorCode::unsupported,
              file.path().string() + ": begun under plan version " + std::to_string(found) +
                  ", this program has " + std::to_string(plan_version) +
                  ": its steps would not be the same run's; train it anew under another name");
}

bool is_recorded_keyframe(const RunFile& file, std::int64_t step, const NamedTensors& state) {
  const std::vector<std::int64_t> steps = file.keyframe_steps();
  if (!std::binary_search(steps.begin(), steps.end(), step)) return false;
  if (sha256_hex(encode_safetensors(state)) == file.keyframe_digest(step)) return true;
  const std::string where = difference(file.keyframe(step).tensors, state);
  throw Error(ErrorCode::damaged,
              file.path().string() + ": the keyframe at step " + std::to_string(step) +
                  " is not what this program computes: " + where + "; " + why_bits_differ(file));
}

bool have_same_bits(const Tensor& a, const Tensor& b) {
  return a.shape == b.shape && first_difference(a, b) == a.data.size();
}

std::string why_bits_differ(const RunFile& file) {
  const auto recorded = foreign_json(file.manifest_json());
  const auto ours = nlohmann::json::parse(manifest_json(1));
  std::string out;
  for (const char* key :
       {"plan_version", "grokscope", "revision", "compiler", "flags", "target", "cpu"}) {
    if (!recorded.is_object() || !recorded.contains(key) || recorded[key] == ours[key]) continue;
    out += (out.empty() ? "the run was made with " : ", ") + std::string(key) + " " +
           recorded[key].dump() + ", this is " + ours[key].dump();
  }
  return out.empty() ? "the run was made by this same program on this kind of machine, so the file "
                       "was changed, or memory is failing"
                     : out;
}

}  // namespace grok
