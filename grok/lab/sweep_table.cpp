#include "grok/lab/sweep_table.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "grok/base/error.h"

namespace grok {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* seed_key = "train.seed";  // has the column "seed", given by --grid or not

Json json_of(const std::optional<double>& x) {
  return x && std::isfinite(*x) ? Json(*x) : Json(nullptr);
}
Json json_of(const std::optional<std::int64_t>& x) { return x ? Json(*x) : Json(nullptr); }
Json json_of(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

// As what it is: a number stays a number.
Json json_of(const Value& value) { return Json::parse(json_text(value)); }

Json seed_of(const SweepPlan& plan, const SweepRun& run) {
  if (run.spec) return run.spec->train.integer("seed");
  for (std::size_t a = 0; a < plan.keys.size(); ++a)
    if (plan.keys[a] == seed_key) return json_of(run.values[a]);
  return nullptr;
}

Json json_row(const SweepPlan& plan, const SweepRun& run, const SweepRow& row) {
  Json out{{"name", run.name}, {"spec_digest", json_of(run.spec_digest)}};
  for (std::size_t a = 0; a < plan.keys.size(); ++a)
    if (plan.keys[a] != seed_key) out[plan.keys[a]] = json_of(run.values[a]);
  out["seed"] = seed_of(plan, run);
  out["ending"] = json_of(row.ending);
  out["steps"] = json_of(row.steps);
  out["seconds"] = json_of(row.seconds);
  out["train_loss"] = json_of(row.train_loss);
  out["test_loss"] = json_of(row.test_loss);
  out["train_accuracy"] = json_of(row.train_accuracy);
  out["test_accuracy"] = json_of(row.test_accuracy);
  out["memorized_step"] = json_of(row.memorized_step);
  out["grok_step"] = json_of(row.grok_step);
  out["grok_delay"] = json_of(row.grok_delay);
  out["key_frequencies"] = row.key_frequencies;
  out["weights_digest"] = json_of(row.weights_digest);
  out["error"] = json_of(row.error);
  return out;
}

Json json_rows(const SweepPlan& plan, std::span<const SweepRow> rows) {
  GROK_REQUIRE(rows.size() == plan.runs.size(), std::to_string(rows.size()) + " rows");
  Json out = Json::array();
  for (std::size_t i = 0; i < rows.size(); ++i)
    out.push_back(json_row(plan, plan.runs[i], rows[i]));
  return out;
}

// Texts may hold what is not UTF-8: an error that names a file.
std::string dump(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string csv_text(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

std::string cell(const Json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return csv_text(value.get<std::string>());
  if (!value.is_array()) return dump(value);
  std::string out;
  for (const Json& element : value) {
    if (!out.empty()) out += ';';
    out += element.is_string() ? element.get<std::string>() : dump(element);
  }
  return csv_text(out);
}

}  // namespace

std::string sweep_json(const SweepPlan& plan, std::span<const SweepRow> rows) {
  return dump(json_rows(plan, rows), 2);
}

std::string sweep_csv(const SweepPlan& plan, std::span<const SweepRow> rows) {
  const Json all = json_rows(plan, rows);
  std::string out;
  if (all.empty()) return out;
  for (const auto& [key, value] : all[0].items()) {
    if (!out.empty()) out += ',';
    out += csv_text(key);
  }
  out += '\n';
  for (const Json& row : all) {
    std::string line;
    bool is_first = true;
    for (const auto& [key, value] : row.items()) {
      if (!is_first) line += ',';
      is_first = false;
      line += cell(value);
    }
    out += line + '\n';
  }
  return out;
}

}  // namespace grok
