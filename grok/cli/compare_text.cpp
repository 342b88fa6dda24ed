#include "grok/cli/compare_text.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include <nlohmann/json.hpp>

#include "grok/cli/format.h"

namespace grok::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_rows = 20;
constexpr std::size_t key_width = 26, value_width = 24, number_width = 11;

std::string differences_text(const char* title, const std::vector<ValueDifference>& differences) {
  if (differences.empty()) return "";
  std::string out = std::string("\n") + title + "\n";
  for (const ValueDifference& d : differences) {
    std::string line = "  " + left(d.key, key_width) + left(d.a.empty() ? "-" : d.a, value_width) +
                       "  " + (d.b.empty() ? "-" : d.b);
    out += line + "\n";
  }
  return out;
}

std::string edits_text(const char* run, const RunSummary& s) {
  if (!s.origin) return "";
  std::string out;
  for (const std::string& edit : s.origin->edits)
    out += std::string("  edit of ") + run + ": " + edit + "\n";
  return out;
}

std::string parting_text(const Comparison& c) {
  const Parting& p = c.parting;
  const std::string same = p.last_same ? "the same bits up to step " + grouped(*p.last_same) : "";
  std::string out;
  if (p.step && p.is_exact) {
    out = "They part at step " + grouped(*p.step) + ", first in " + p.what;
    if (p.last_same) out += "; " + same;
  } else if (p.step) {
    out = "They part by step " + grouped(*p.step) + ", where " + p.what + " differs";
    if (p.last_same) out += "; " + same;
  } else if (p.last_same) {
    out = "They have " + same + (p.is_exact ? ", the last that both have" : " at least");
  } else {
    out = p.is_exact ? "They have no step in common" : "They have no keyframe in common";
  }
  out += ".\n";
  return c.why_inexact.empty() ? out
                               : out + "  not looked at more closely: " + c.why_inexact + "\n";
}

// Those from the parting on; of many, some.
std::vector<std::int64_t> steps_to_show(const Comparison& c) {
  std::set<std::int64_t> all;
  for (const MetricPair& pair : c.metrics)
    if (pair.step >= c.parting.step.value_or(0)) all.insert(pair.step);
  const std::vector<std::int64_t> steps(all.begin(), all.end());
  if (steps.size() <= most_rows) return steps;
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < most_rows; ++i)
    out.push_back(steps[i * (steps.size() - 1) / (most_rows - 1)]);
  return out;
}

std::vector<std::string> names_in(const Comparison& c) {
  std::vector<std::string> names;
  for (const MetricPair& pair : c.metrics)
    if (std::find(names.begin(), names.end(), pair.name) == names.end()) names.push_back(pair.name);
  return names;
}

std::string metrics_text(const Comparison& c) {
  const std::vector<std::string> names = names_in(c);
  if (names.empty()) return "";
  std::string out = "\n" + right("step", 10);
  for (const std::string& name : names) out += "  " + left(name, 2 * number_width);
  out += "\n" + right("", 10);
  for (std::size_t i = 0; i < names.size(); ++i)
    out += "  " + left("A", number_width) + left("B", number_width);
  out += "\n";
  for (const std::int64_t step : steps_to_show(c)) {
    std::string line = right(grouped(step), 10);
    for (const std::string& name : names) {
      const auto found = std::find_if(c.metrics.begin(), c.metrics.end(), [&](const MetricPair& m) {
        return m.step == step && m.name == name;
      });
      const bool is_there = found != c.metrics.end();
      line += "  " + left(is_there ? significant(found->a, 4) : "-", number_width) +
              left(is_there ? significant(found->b, 4) : "-", number_width);
    }
    while (line.ends_with(' ')) line.pop_back();
    out += line + "\n";
  }
  return out;
}

std::string outcome(const RunSummary& s) {
  std::string out = s.ending ? std::string(name_of(*s.ending)) : "not ended";
  out += " at step " + grouped(s.steps);
  const bool is_learnt = s.final_metric("test_accuracy").value_or(0) >= learnt_accuracy;
  if (s.phases.grok_step)
    out += ", grokked at " + grouped(*s.phases.grok_step);
  else
    out += s.origin && is_learnt ? ", grokked before the fork" : ", not grokked";
  std::string keys;
  for (const KeyFrequency& key : s.key_frequencies) keys += " " + std::to_string(key.frequency);
  return out + (keys.empty() ? "" : ", key frequencies" + keys);
}

Json json_of(const std::vector<ValueDifference>& differences) {
  Json out = Json::array();
  for (const ValueDifference& d : differences)
    out.push_back({{"key", d.key}, {"a", d.a}, {"b", d.b}});
  return out;
}

Json number(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }

}  // namespace

std::string compare_text(const std::string& a, const std::string& b, const Comparison& c) {
  std::string out = "A  " + a + ": " + outcome(c.a) + "\nB  " + b + ": " + outcome(c.b) + "\n\n";
  if (!c.kinship.empty()) out += c.kinship + ".\n" + edits_text("A", c.a) + edits_text("B", c.b);
  out += parting_text(c);
  out += differences_text("What was asked for differently", c.spec);
  out += differences_text("Made with", c.manifest);
  return out + metrics_text(c);
}

std::string compare_json(const std::string& a, const std::string& b, const Comparison& c) {
  const auto step = [](const std::optional<std::int64_t>& s) {
    return s ? Json(*s) : Json(nullptr);
  };
  const Json parting = {{"step", step(c.parting.step)},
                        {"what", c.parting.what.empty() ? Json(nullptr) : Json(c.parting.what)},
                        {"last_same", step(c.parting.last_same)},
                        {"is_exact", c.parting.is_exact},
                        {"why_inexact", c.why_inexact}};
  Json metrics = Json::array();
  for (const MetricPair& pair : c.metrics)
    metrics.push_back(
        {{"step", pair.step}, {"name", pair.name}, {"a", number(pair.a)}, {"b", number(pair.b)}});
  const Json out = {{"a", {{"file", a}, {"summary", Json::parse(summary_json(c.a))}}},
                    {"b", {{"file", b}, {"summary", Json::parse(summary_json(c.b))}}},
                    {"kinship", c.kinship},
                    {"parting", parting},
                    {"spec", json_of(c.spec)},
                    {"manifest", json_of(c.manifest)},
                    {"metrics", metrics}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace grok::cli
