#include "grok/optim/weight_choice.h"

#include <algorithm>
#include <variant>
#include <vector>

#include "grok/base/error.h"
#include "grok/spec/suggest.h"

namespace grok {
namespace {

const Texts* patterns_of(const Params& params, std::string_view key) {
  return std::get_if<Texts>(params.find(key));
}

}  // namespace

// The last * seen takes one letter more whenever what follows it fails, so the time is bounded by
// the product of the lengths.
bool matches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0, star = std::string_view::npos, taken = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

Field weights_field(const char* key, const char* meaning) {
  return {
      .name = key, .type = FieldType::texts, .default_value = Value{Texts{}}, .meaning = meaning};
}

bool is_chosen(const Params& params, std::string_view key, std::string_view weight) {
  const Texts* patterns = patterns_of(params, key);
  return patterns && std::any_of(patterns->begin(), patterns->end(),
                                 [&](const std::string& p) { return matches(p, weight); });
}

bool is_nothing_chosen(const Params& params, std::string_view key) {
  const Texts* patterns = patterns_of(params, key);
  return !patterns || patterns->empty();
}

void check_choice(const Params& params, std::string_view key, const Weights& weights) {
  const Texts* patterns = patterns_of(params, key);
  if (!patterns) return;
  std::vector<std::string> names;
  for (const auto& entry : weights) names.push_back(entry.name);
  for (const std::string& pattern : *patterns) {
    const bool is_used = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return matches(pattern, name);
    });
    if (is_used) continue;
    std::string what = "optim.";
    what += key;
    throw Error(ErrorCode::usage, what + ": no weight of the model is called " +
                                      json_text(pattern) + suggestion(pattern, names));
  }
}

}  // namespace grok
