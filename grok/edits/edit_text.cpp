#include <algorithm>

#include "grok/base/error.h"
#include "grok/edits/edit.h"
#include "grok/spec/split_values.h"
#include "grok/spec/suggest.h"
#include "grok/spec/toml_source.h"

namespace grok {
namespace {

const EditDef& edit_named(const std::string& name, const std::string& text) {
  if (const EditDef* def = edits::find(name)) return *def;
  std::vector<std::string> known;
  for (const EditDef* def : edits::catalog()) known.emplace_back(def->name);
  throw Error(ErrorCode::usage, "--edit " + text + ": unknown edit " + json_text(name) +
                                    suggestion(name, known) + " (see grokscope list edits)");
}

std::vector<FoundEntry> entries_of(const std::string& values, const Place& place,
                                   Mistakes& mistakes) {
  std::vector<FoundEntry> out;
  for (const std::string& part : split_values(values)) {
    const std::size_t equals = part.find('=');
    const std::string key = trimmed(part.substr(0, equals));
    const std::string value = equals == std::string::npos ? "" : trimmed(part.substr(equals + 1));
    const std::optional<Found> found = typed_value(value);
    if (key.empty() || value.empty() || !found)
      mistakes.add_at(place, key, "expected KEY=VALUE, found " + json_text(part));
    else if (std::any_of(out.begin(), out.end(), [&](const auto& e) { return e.key == key; }))
      mistakes.add_at(place, key, "given twice");
    else
      out.push_back({key, *found, place});
  }
  return out;
}

}  // namespace

Edit parse_edit(const std::string& text) {
  const std::size_t colon = text.find(':');
  const EditDef& def = edit_named(trimmed(text.substr(0, colon)), text);
  const Place place{"--edit " + text, 0};
  Mistakes mistakes("--edit " + text);
  std::vector<FoundEntry> entries;
  if (colon != std::string::npos) entries = entries_of(text.substr(colon + 1), place, mistakes);
  for (const FoundEntry& entry : entries)
    mistakes.place(std::string(def.name) + "." + entry.key, place);
  mistakes.enter(std::string(def.name));
  std::optional<Params> params;
  if (mistakes.empty()) params = check_entries(def.schema(), entries, {}, mistakes);
  mistakes.throw_if_any();
  return {&def, *params};
}

std::string edit_text(const Edit& edit) {
  std::string out(edit.def->name);
  char separator = ':';
  for (const auto& [key, value] : edit.params) {
    out += separator + key + "=" + json_text(value);
    separator = ',';
  }
  return out;
}

}  // namespace grok
