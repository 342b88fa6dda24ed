#include <nlohmann/json.hpp>

#include "grok/lab/foreign.h"
#include "grok/lab/summary.h"

namespace grok {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
Json json_of(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json parsed(const std::string& text) {
  Json out = foreign_json<Json>(text);
  return out.is_discarded() ? Json(text) : out;
}

Json final_json(const RunSummary& summary) {
  Json out = {{"step", summary.final_step}};
  for (const char* name : {"train_loss", "test_loss", "train_accuracy", "test_accuracy"})
    out[name] = json_of(summary.final_metric(name));
  for (const auto& [name, value] : summary.final)
    if (!out.contains(name)) out[name] = value;
  return out;
}

Json origin_json(const RunSummary& summary) {
  if (!summary.origin) return nullptr;
  const Origin& origin = *summary.origin;
  return {{"parent", origin.parent}, {"parent_file", origin.parent_file},
          {"step", origin.step},     {"set", origin.overrides},
          {"edits", origin.edits},   {"frozen", origin.frozen}};
}

Json phases_json(const RunSummary& summary) {
  Json out = Json::array();
  for (const PhaseSpan& phase : summary.phase_spans)
    out.push_back({{"name", phase.name}, {"from", phase.from}, {"to", json_of(phase.to)}});
  return out;
}

Json clusters_json(const RunSummary& summary) {
  if (!summary.clusters) return nullptr;
  Json clusters = Json::array();
  for (const auto& [frequency, n] : summary.clusters->by_frequency)
    clusters.push_back({{"frequency", frequency}, {"n_neurons", n}});
  return {{"n_neurons", summary.clusters->n_neurons},
          {"n_in_clusters", summary.clusters->n_in_clusters},
          {"clusters", clusters}};
}

}  // namespace

std::string summary_json(const RunSummary& summary) {
  Json keys = Json::array();
  Json key_details = Json::array();
  for (const KeyFrequency& key : summary.key_frequencies) {
    keys.push_back(key.frequency);
    key_details.push_back({{"frequency", key.frequency},
                           {"embedding_share", json_of(key.embedding_share)},
                           {"n_neurons", json_of(key.n_neurons)}});
  }
  const Json out = {
      {"spec_digest", summary.spec_digest},
      {"steps", summary.steps},
      {"step_limit", summary.step_limit},
      {"ending", summary.ending ? Json(name_of(*summary.ending)) : Json(nullptr)},
      {"diverged", summary.diverged.empty() ? Json(nullptr) : Json(summary.diverged)},
      {"forked_from", origin_json(summary)},
      {"seconds", json_of(summary.seconds)},
      {"is_closed", summary.is_closed},
      {"final", final_json(summary)},
      {"memorized_step", json_of(summary.phases.memorized_step)},
      {"grok_step", json_of(summary.phases.grok_step)},
      {"grok_delay", json_of(grok_delay(summary.phases))},
      {"phases", phases_json(summary)},
      {"key_frequencies", keys},
      {"key_frequency_details", key_details},
      {"neurons", clusters_json(summary)},
      {"weights_digest", summary.weights_digest},
      {"n_keyframes", summary.n_keyframes},
      {"spec", parsed(summary.spec_json)},
      {"manifest", parsed(summary.manifest_json)},
  };
  return out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace grok
