#include <cmath>

#include <nlohmann/json.hpp>

#include "grok/cli/phases_text.h"

namespace grok::cli {
namespace {

using Json = nlohmann::ordered_json;

Json number(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }

Json estimate_json(const Estimate& e) {
  return {{"value", number(e.value)}, {"low", number(e.low)}, {"high", number(e.high)}};
}

template <class T>
Json json_of(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json lifetime_json(const std::optional<Lifetime>& lifetime) {
  if (!lifetime) return nullptr;
  return {{"step", lifetime->step}, {"is_censored", lifetime->is_censored}};
}

Json change_json(const PhaseChange& c) {
  return {{"onset", estimate_json(c.onset)},
          {"steepest", estimate_json(c.steepest)},
          {"end", c.end ? estimate_json(*c.end) : Json(nullptr)},
          {"drop", estimate_json(c.drop)},
          {"before", number(c.before)},
          {"after", number(c.after)},
          {"sharpness", estimate_json(c.sharpness)},
          {"is_resolved", c.is_resolved}};
}

Json series_json(const SeriesChanges& s) {
  Json changes = Json::array(), spikes = Json::array();
  for (const PhaseChange& c : s.found.changes) changes.push_back(change_json(c));
  for (const Spike& k : s.found.spikes)
    spikes.push_back({{"from", k.from},
                      {"to", k.to},
                      {"peak", k.peak},
                      {"level", number(k.level)},
                      {"value", number(k.value)}});
  return {{"name", s.name},
          {"n_records", s.found.n_records},
          {"first_step", s.first_step},
          {"last_step", s.last_step},
          {"changes", changes},
          {"spikes", spikes}};
}

Json leak_json(const RunPhases& run) {
  if (!run.leak) return nullptr;
  return {{"n_test", run.leak->n_test},
          {"n_mirrored", run.leak->n_mirrored},
          {"chance", number(run.leak->chance)},
          {"baseline", number(run.leak->baseline())},
          {"test_accuracy_when_memorized", json_of(run.plateau)},
          {"adjusted", run.plateau ? number(run.leak->adjusted(*run.plateau)) : Json(nullptr)}};
}

Json group_json(const std::string& name, const Lifetimes& group) {
  Json runs = Json::array();
  for (const RunLifetime& run : group.runs)
    runs.push_back({{"file", run.path.string()},
                    {"ending", run.ending.empty() ? Json(nullptr) : Json(run.ending)},
                    {"lifetime", lifetime_json(run.lifetime)}});
  return {{"name", name},
          {"n_runs", group.known.size()},
          {"n_events", group.n_events()},
          {"median", json_of(group.median.step)},
          {"low", json_of(group.median.low)},
          {"high", json_of(group.median.high)},
          {"runs", runs}};
}

Json comparison_json(const std::optional<GroupComparison>& c) {
  if (!c) return nullptr;
  Json out = {{"log_rank", nullptr},
              {"permutation_p_value", json_of(c->permutation_p)},
              {"median_ratio", nullptr}};
  if (c->log_rank)
    out["log_rank"] = {{"chi_squared", number(c->log_rank->chi_squared)},
                       {"p_value", number(c->log_rank->p_value)},
                       {"observed", {c->log_rank->observed_a, c->log_rank->observed_b}},
                       {"expected", {c->log_rank->expected_a, c->log_rank->expected_b}}};
  if (c->ratio)
    out["median_ratio"] = {{"value", number(c->ratio->ratio)},
                           {"low", json_of(c->ratio->low)},
                           {"high", json_of(c->ratio->high)}};
  return out;
}

std::string text_of(const Json& json) {
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string phases_json(const std::vector<RunPhases>& runs, const ChangeOptions& options) {
  Json list = Json::array();
  for (const RunPhases& run : runs) {
    Json series = Json::array();
    for (const SeriesChanges& s : run.series) series.push_back(series_json(s));
    list.push_back({{"file", run.path.string()},
                    {"memorized_step", lifetime_json(run.memorized_step)},
                    {"grok_step", lifetime_json(run.grok_step)},
                    {"grok_delay", lifetime_json(run.grok_delay)},
                    {"mirror_leak", leak_json(run)},
                    {"series", series}});
  }
  return text_of({{"confidence", options.confidence},
                  {"axis", options.axis == StepAxis::log_step ? "log" : "step"},
                  {"scale", options.scale == ValueScale::linear ? "linear" : "log"},
                  {"sharpness_factor", sharpness_factor},
                  {"runs", list}});
}

std::string groups_json(const GroupReport& report) {
  Json groups = Json::array();
  for (std::size_t i = 0; i < report.groups.size(); ++i)
    groups.push_back(group_json(report.names[i], report.groups[i]));
  return text_of({{"event", report.event},
                  {"confidence", report.confidence},
                  {"groups", groups},
                  {"comparison", comparison_json(report.comparison)}});
}

}  // namespace grok::cli
