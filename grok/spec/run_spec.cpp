#include "grok/spec/run_spec.h"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include <nlohmann/json.hpp>

#include "grok/base/digest.h"
#include "grok/base/error.h"

namespace grok {
namespace {

using Json = nlohmann::json;

std::string section_json(const Params& params) {
  std::string out;
  for (const auto& [key, value] : params)  // a Params is ordered by key
    out += (out.empty() ? "" : ",") + json_text(key) + ":" + json_text(value);
  return "{" + out + "}";
}

constexpr SectionRef fork_section{"fork", &RunSpec::fork};

[[noreturn]] void not_canonical(const std::string& why) {
  throw Error(ErrorCode::damaged, "canonical spec: " + why);
}

Value value_of(const Json& json) {
  const auto all = [&](auto is_kind) { return std::all_of(json.begin(), json.end(), is_kind); };
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_number_float()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  if (json.is_array() && all([](const Json& x) { return x.is_string(); })) return json.get<Texts>();
  if (json.is_array() && all([](const Json& x) { return x.is_number_integer(); }))
    return json.get<Integers>();
  if (json.is_array() && all([](const Json& x) { return x.is_number_float(); }))
    return json.get<Reals>();
  not_canonical(std::string("a value of no known kind: ") + json.type_name());
}

Params params_of(const Json& root, const SectionRef& ref) {
  const auto section = root.find(ref.name);
  if (section == root.end() && ref.may_be_empty) return {};
  if (section == root.end() || !section->is_object())
    not_canonical(std::string("no section ") + ref.name);
  Params out;
  for (const auto& [key, json] : section->items()) out.set(key, value_of(json));
  return out;
}

}  // namespace

std::vector<std::string> term_labels(const Params& terms) {
  std::vector<std::string> out;
  for (const auto& [key, value] : terms) {
    const std::string label = key.substr(0, key.find('.'));
    if (out.empty() || out.back() != label) out.push_back(label);
  }
  return out;
}

bool is_term_label(std::string_view text) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), is_allowed);
}

std::int64_t first_step(const RunSpec& spec) {
  return spec.fork.empty() ? 0 : spec.fork.integer("step");
}

std::string canonical_json(const RunSpec& spec) {
  std::vector<SectionRef> sections;
  for (const SectionRef& section : spec_sections)
    if (!section.may_be_empty || !(spec.*section.params).empty()) sections.push_back(section);
  if (!spec.fork.empty()) sections.push_back(fork_section);
  std::sort(sections.begin(), sections.end(), [](const SectionRef& a, const SectionRef& b) {
    return std::string_view(a.name) < b.name;
  });
  std::string out;
  for (const SectionRef& section : sections) {
    out += (out.empty() ? "\"" : ",\"") + std::string(section.name) + "\":";
    out += section_json(spec.*section.params);
  }
  return "{" + out + "}";
}

RunSpec from_canonical_json(std::string_view text) {
  const Json root = Json::parse(text, nullptr, false);
  if (!root.is_object())
    not_canonical("not a JSON object of " + std::to_string(text.size()) + " bytes");
  RunSpec out;
  for (const SectionRef& section : spec_sections) out.*section.params = params_of(root, section);
  if (root.contains(fork_section.name)) out.fork = params_of(root, fork_section);
  // Catches at once: spaces, order, unknown sections, double keys, numbers written otherwise.
  if (canonical_json(out) != text) not_canonical("it reads as a spec that is written differently");
  return out;
}

std::string spec_digest(const RunSpec& spec) {
  const std::string text = canonical_json(spec);
  return sha256_hex(std::as_bytes(std::span(text)));
}

}  // namespace grok
