#include "grok/lab/sweep_names.h"

#include <algorithm>

namespace grok {
namespace {

// Longer names meet the limits of file systems: 255 bytes, with what SQLite appends.
constexpr std::size_t longest_name = 150;

std::string plain_text(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text ? *text : json_text(value);
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '+' || c == '-';
}

}  // namespace

std::vector<std::string> short_keys(const std::vector<std::string>& keys) {
  const auto last_part = [](const std::string& key) { return key.substr(key.find('.') + 1); };
  std::vector<std::string> out;
  for (const std::string& key : keys) {
    const auto n = std::count_if(keys.begin(), keys.end(), [&](const std::string& other) {
      return last_part(other) == last_part(key);
    });
    out.push_back(n == 1 ? last_part(key) : key);
  }
  return out;
}

bool is_seed(std::string_view key) {
  const std::string_view last = key.substr(key.rfind('.') + 1);
  return last == "seed" || last.ends_with("_seed");
}

std::string file_name(const Value& value) {
  std::string out;
  for (const char c : plain_text(value)) {
    if (is_plain(c))
      out += c;
    else if (!out.empty() && out.back() != '-')
      out += '-';
  }
  while (out.ends_with('-')) out.pop_back();
  return out.substr(0, longest_name);
}

std::string file_name(const std::vector<std::string>& keys, const std::vector<Value>& values,
                      const std::string& digest) {
  std::string name;
  bool is_exact = true;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string value = file_name(values[i]);
    is_exact = is_exact && value == plain_text(values[i]);
    name += (i > 0 ? "," : "") + keys[i] + "=" + value;
  }
  if (is_exact && name.size() <= longest_name) return name;
  return name.substr(0, longest_name) + (digest.empty() ? "" : "," + digest);
}

}  // namespace grok
