#include "grok/lab/parting.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace grok {
namespace {

std::vector<std::int64_t> common(const std::vector<std::int64_t>& a,
                                 const std::vector<std::int64_t>& b) {
  std::vector<std::int64_t> out;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

// What the two hold of one step: is it the same?
struct Look {
  bool is_same = true;
  std::string what;
};

bool is_same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

void look_at_keyframes(const RunFile& a, const RunFile& b, std::map<std::int64_t, Look>& looks) {
  for (const std::int64_t step : common(a.keyframe_steps(), b.keyframe_steps()))
    if (a.keyframe_digest(step) == b.keyframe_digest(step))
      looks[step];
    else
      looks[step] = {false, "keyframe"};
}

void look_at_metrics(const RunFile& a, const RunFile& b, std::map<std::int64_t, Look>& looks) {
  std::map<std::pair<std::int64_t, std::string>, double> of_b;
  for (MetricRow& row : b.metrics())
    of_b.emplace(std::pair(row.step, std::move(row.name)), row.value);
  for (const MetricRow& row : a.metrics()) {
    const auto found = of_b.find({row.step, row.name});
    if (found == of_b.end()) continue;
    Look& look = looks[row.step];
    if (look.is_same && !is_same(row.value, found->second)) look = {false, row.name};
  }
}

// Empty if all weights have the same bits.
std::string first_different_weight(const Weights& a, const Weights& b) {
  for (const auto& [name, tensor] : a) {
    const Tensor* other = b.find(name);
    if (!other || !(*other == tensor)) return "weights." + name;
  }
  return a.size() == b.size() ? "" : "weights";
}

}  // namespace

std::optional<Parting> recorded_parting(const RunFile& a, const RunFile& b) {
  std::map<std::int64_t, Look> looks;
  look_at_keyframes(a, b, looks);
  look_at_metrics(a, b, looks);
  Parting out;
  for (const auto& [step, look] : looks) {
    if (!look.is_same) {
      out.step = step;
      out.what = look.what;
      out.is_exact = out.last_same == step - 1 || (!out.last_same && step == 0);
      return out;
    }
    out.last_same = step;
  }
  return std::nullopt;
}

std::optional<Parting> exact_parting(Replayer& a, Replayer& b, Parting found,
                                     const std::atomic<bool>* stop) {
  const std::int64_t start = std::max(a.first_step(), b.first_step());
  std::int64_t step = std::max(found.last_same.value_or(start), start);
  for (; step <= found.step; ++step) {
    const Checkpoint* of_a = a.at(step, stop);
    const Checkpoint* of_b = of_a ? b.at(step, stop) : nullptr;
    if (!of_b) return std::nullopt;
    const std::string what = first_different_weight(of_a->weights, of_b->weights);
    if (what.empty()) continue;
    const auto before = step > start ? std::optional(step - 1) : std::nullopt;
    return Parting{step, what, before, true};
  }
  found.last_same = found.step;  // the weights are the same: only what was recorded of them differs
  return found;
}

}  // namespace grok
