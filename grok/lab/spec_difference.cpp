#include "grok/lab/spec_difference.h"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "grok/lab/foreign.h"

namespace grok {
namespace {

using Json = nlohmann::json;

constexpr std::size_t most_told = 3;
constexpr std::size_t longest_value = 60;  // bytes; a list of edits may be long

// "optim.lr" to its text; of nested objects, the path.
void flatten(const Json& json, const std::string& path, std::map<std::string, std::string>& out) {
  if (!json.is_object()) {
    out[path] = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    return;
  }
  for (const auto& [key, value] : json.items())
    flatten(value, path.empty() ? key : path + "." + key, out);
}

std::string value_text(const std::string& value) {
  if (value.empty()) return "not set";
  if (value.size() <= longest_value) return value;
  std::size_t end = longest_value;
  while (end > 0 && (value[end] & 0xC0) == 0x80) --end;  // no letter of UTF-8 is cut in two
  return value.substr(0, end) + "...";
}

std::string text_of(std::vector<ValueDifference> all) {
  // Those seeds follow train.seed unless they are set: what was asked for comes first.
  std::stable_partition(all.begin(), all.end(), [](const ValueDifference& difference) {
    return !difference.key.ends_with("_seed");
  });
  std::string out;
  for (std::size_t i = 0; i < std::min(all.size(), most_told); ++i)
    out += (i > 0 ? ", " : "") + all[i].key + " is " + value_text(all[i].a) + " there and " +
           value_text(all[i].b) + " here";
  if (all.size() > most_told) out += ", and " + std::to_string(all.size() - most_told) + " more";
  return out;
}

}  // namespace

std::vector<ValueDifference> differences(const std::string& a, const std::string& b) {
  std::map<std::string, std::string> of_a, of_b;
  flatten(foreign_json(a), "", of_a);
  flatten(foreign_json(b), "", of_b);
  std::map<std::string, ValueDifference> out;
  for (const auto& [key, text] : of_a) out[key] = {key, text, ""};
  for (const auto& [key, text] : of_b) {
    out[key].key = key;
    out[key].b = text;
  }
  std::vector<ValueDifference> list;
  for (const auto& [key, difference] : out)
    if (difference.a != difference.b) list.push_back(difference);
  return list;
}

Error another_spec(const std::filesystem::path& path, const RunSpec& there, const RunSpec& here) {
  return Error(ErrorCode::usage,
               path.string() + ": holds a run of another spec: " +
                   text_of(differences(canonical_json(there), canonical_json(here))) +
                   "; nothing was changed. Choose another file (--out)");
}

}  // namespace grok
