#include "grok/cli/probe_output.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "grok/cli/format.h"

namespace grok::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t n_shown = 8;  // values of an array in the text

Json json_of(const ProbedStep& probed) {
  Json metrics = Json::object();
  for (const auto& [name, value] : probed.found.metrics) metrics[name] = value;
  Json arrays = Json::object();
  for (const ArrayMetric& array : probed.found.arrays) {
    const auto dims = array.values.shape.dims();
    const auto& data = array.values.data;
    arrays[array.name] = {{"shape", std::vector<std::int64_t>(dims.begin(), dims.end())},
                          {"values", std::vector<double>(data.begin(), data.end())}};
  }
  return {{"step", probed.step < 0 ? Json(nullptr) : Json(probed.step)},
          {"metrics", metrics},
          {"arrays", arrays}};
}

std::string array_text(const ArrayMetric& array) {
  std::string out = array.values.shape.to_string();
  const auto& data = array.values.data;
  for (std::size_t i = 0; i < std::min(n_shown, data.size()); ++i) {
    out += ' ';
    out += significant(data[i]);
  }
  return out + (data.size() > n_shown ? " ..." : "");
}

}  // namespace

std::string probe_json(const ProbeReport& report) {
  Json steps = Json::array();
  for (const ProbedStep& probed : report.steps) steps.push_back(json_of(probed));
  const Json out = {{"spec_digest", report.spec_digest},
                    {"key_frequencies", report.key_frequencies},
                    {"steps", steps}};
  return out.dump(2) + "\n";
}

std::string probe_text(const ProbeReport& report) {
  std::string out;
  if (!report.key_frequencies.empty()) {
    out += "key frequencies";
    for (const int k : report.key_frequencies) out += " " + std::to_string(k);
    out += "\n";
  }
  for (const ProbedStep& probed : report.steps) {
    if (probed.step >= 0) out += "step " + grouped(probed.step) + "\n";
    std::size_t width = 0;
    for (const auto& [name, value] : probed.found.metrics) width = std::max(width, name.size());
    for (const ArrayMetric& array : probed.found.arrays) width = std::max(width, array.name.size());
    for (const auto& [name, value] : probed.found.metrics)
      out += "  " + left(name, width) + "  " + significant(value, 7) + "\n";
    for (const ArrayMetric& array : probed.found.arrays)
      out += "  " + left(array.name, width) + "  " + array_text(array) + "\n";
  }
  return out;
}

}  // namespace grok::cli
