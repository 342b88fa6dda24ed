#include "grok/lab/parting.h"

#include <algorithm>
#include <vector>

#include "grok/lab/keyframe.h"
#include "grok/lab/same_bits.h"

namespace grok {
namespace {

// Empty if all weights have the same bits.
std::string first_different(const Weights& a, const Weights& b) {
  for (const auto& [name, tensor] : a) {
    const Tensor* other = b.find(name);
    if (!other || !have_same_bits(*other, tensor)) return name;
  }
  for (const auto& entry : b)
    if (!a.find(entry.name)) return entry.name;
  return "";
}

// Equal digests need no look at the weights; with others, the optimizer's state alone may differ.
std::string first_different_at(const RunFile& a, const RunFile& b, std::int64_t step) {
  if (a.keyframe_digest(step) == b.keyframe_digest(step)) return "";
  return first_different(weights_of(a.keyframe(step)), weights_of(b.keyframe(step)));
}

}  // namespace

Parting recorded_parting(const RunFile& a, const RunFile& b) {
  const std::vector<std::int64_t> of_a = a.keyframe_steps(), of_b = b.keyframe_steps();
  std::vector<std::int64_t> common;
  std::set_intersection(of_a.begin(), of_a.end(), of_b.begin(), of_b.end(),
                        std::back_inserter(common));
  Parting out;
  for (const std::int64_t step : common) {
    out.what = first_different_at(a, b, step);
    if (!out.what.empty()) {
      out.step = step;
      const bool has_none_before = step == std::max(of_a.front(), of_b.front());
      out.is_exact = out.last_same ? *out.last_same == step - 1 : has_none_before;
      return out;
    }
    out.last_same = step;
  }
  out.is_exact = out.last_same && *out.last_same == std::min(a.last_step(), b.last_step());
  return out;
}

std::optional<Parting> exact_parting(Replayer& a, Replayer& b, const Parting& known,
                                     const std::atomic<bool>* stop) {
  const std::int64_t start = known.last_same.value_or(std::max(a.first_step(), b.first_step()));
  const std::int64_t end = known.step.value_or(std::min(a.last_step(), b.last_step()));
  Parting out{.last_same = known.last_same, .is_exact = true};
  for (std::int64_t step = start; step <= end; ++step) {
    const Checkpoint* of_a = a.at(step, stop);
    const Checkpoint* of_b = of_a ? b.at(step, stop) : nullptr;
    if (!of_b) return std::nullopt;
    out.what = first_different(of_a->weights, of_b->weights);
    if (!out.what.empty()) {
      out.step = step;
      return out;
    }
    out.last_same = step;
  }
  return out;
}

}  // namespace grok
