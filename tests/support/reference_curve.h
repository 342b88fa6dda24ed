#pragma once
// A published curve, where the reference files are at hand.

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/reference_data.h"

namespace grok {

struct ReferenceCurve {
  std::vector<std::int64_t> steps;
  std::vector<double> values;
};

/// `curve` of curves/FILE.json; nothing where there is no such file.
inline std::optional<ReferenceCurve> reference_curve(const std::string& file,
                                                     const std::string& curve) {
  const auto path = reference_file("curves/" + file + ".json");
  if (!path) return std::nullopt;
  std::ifstream in(*path);
  const nlohmann::json file_json = nlohmann::json::parse(in);
  const nlohmann::json& found = file_json.at("curves").at(curve);
  return ReferenceCurve{found.at("step").get<std::vector<std::int64_t>>(),
                        found.at("value").get<std::vector<double>>()};
}

}  // namespace grok
