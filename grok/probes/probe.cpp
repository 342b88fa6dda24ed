#include "grok/probes/probe.h"

#include <algorithm>
#include <iterator>

#include "grok/base/error.h"
#include "grok/base/float_environment.h"
#include "grok/models/spectra.h"
#include "grok/probes/parts.h"

namespace grok {
namespace {

const ProbeDef& probe_named(const std::string& name) {
  const ProbeDef* def = probes::find(name);
  if (def) return *def;
  std::string known;
  for (const ProbeDef* p : probes::catalog())
    known += (known.empty() ? "" : ", ") + std::string(p->name);
  throw Error(ErrorCode::usage, "no probe named " + name + "; there are " + known);
}

std::vector<const ProbeDef*> chosen(std::span<const std::string> names, const TaskData& task,
                                    const Params& model) {
  std::vector<const ProbeDef*> all;
  if (names.empty())
    std::ranges::copy_if(probes::catalog(), std::back_inserter(all), &ProbeDef::by_default);
  for (const std::string& name : names)
    if (std::ranges::find(all, &probe_named(name)) == all.end()) all.push_back(&probe_named(name));
  std::erase_if(all, [&](const ProbeDef* p) { return p->applies && !p->applies(task, model); });
  return all;
}

}  // namespace

void require_applicable(std::span<const std::string> names, const TaskData& task,
                        const Params& model) {
  for (const std::string& name : names) {
    const ProbeDef& probe = probe_named(name);
    if (probe.applies && !probe.applies(task, model))
      throw Error(ErrorCode::usage, "probe " + name + " has no meaning for this task and model");
  }
}

void Measurements::add(std::string name, std::span<const double> values) {
  const Shape shape{static_cast<std::int64_t>(values.size())};
  arrays.push_back({.name = std::move(name), .values = DoubleTensor(shape, values)});
}

const double* Measurements::metric(std::string_view name) const {
  for (const auto& [key, value] : metrics)
    if (key == name) return &value;
  return nullptr;
}

const DoubleTensor* Measurements::array(std::string_view name) const {
  for (const ArrayMetric& a : arrays)
    if (a.name == name) return &a.values;
  return nullptr;
}

ProbeSet::ProbeSet(const Params& model, const TaskData& task, std::span<const std::string> names,
                   ThreadPool& pool)
    : model_(model),
      task_(task),
      pool_(pool),
      probes_(chosen(names, task, model)),
      infos_(models::of(model).weights(model, model_sizes(task))) {
  std::vector<HookRequest> requests;
  for (const ProbeDef* p : probes_) {
    if (!p->hooks) continue;
    for (HookRequest& request : p->hooks(task_, model_)) requests.push_back(std::move(request));
  }
  if (!requests.empty()) captures_ = std::make_unique<Captures>(model_, task_, requests, pool_);
}

Measurements ProbeSet::measure_part(const Weights& weights, std::span<const int> keys,
                                    Measure part) {
  require_weights(weights, infos_);
  // The pool's helpers flush denormals: so must this thread, or bits would depend on who works.
  const FlushDenormals flush;
  const bool reads_captures =
      std::ranges::any_of(probes_, [&](const ProbeDef* p) { return p->hooks && p->*part; });
  if (reads_captures) captures_->run(weights);
  const ProbeInput input(model_, task_, weights, reads_captures ? captures_.get() : nullptr, keys,
                         pool_);
  Measurements out;
  for (const ProbeDef* p : probes_)
    if (p->*part) (p->*part)(input, out);
  return out;
}

Measurements ProbeSet::measure(const Weights& weights) {
  return measure_part(weights, {}, &ProbeDef::measure);
}

Measurements ProbeSet::measure_with_keys(const Weights& weights,
                                         std::span<const int> key_frequencies) {
  if (key_frequencies.empty()) return {};
  return measure_part(weights, key_frequencies, &ProbeDef::measure_with_keys);
}

Measurements ProbeSet::measure_all(const Weights& weights, std::span<const int> key_frequencies) {
  Measurements out = measure(weights);
  Measurements more = measure_with_keys(weights, key_frequencies);
  std::ranges::move(more.metrics, std::back_inserter(out.metrics));
  std::ranges::move(more.arrays, std::back_inserter(out.arrays));
  return out;
}

std::vector<Event> ProbeSet::conclude(const CurveLookup& curve) const {
  std::vector<Event> out;
  for (const ProbeDef* p : probes_)
    if (p->conclude)
      for (Event& event : p->conclude(curve)) out.push_back(std::move(event));
  return out;
}

std::vector<int> ProbeSet::key_frequencies(const Weights& weights) const {
  if (has_modular_embedding(task_, model_) && has_modular_mlp(task_, model_))
    require_weights(weights, infos_);
  return grok::key_frequencies(task_, model_, weights, pool_);
}

}  // namespace grok
