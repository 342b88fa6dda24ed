#include "grok/spec/toml_source.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <system_error>

#include <toml++/toml.h>

#include "grok/base/error.h"
#include "grok/spec/split_values.h"
#include "grok/spec/suggest.h"

namespace grok {
namespace {

template <class T, class Element>
std::vector<T> list_of(const toml::array& array) {
  std::vector<T> out;
  for (const toml::node& node : array) out.push_back(static_cast<T>(*node.value_exact<Element>()));
  return out;
}

Reals reals_of(const toml::array& array) {
  Reals out;
  for (const toml::node& node : array) out.push_back(*node.value<double>());
  return out;
}

std::optional<Value> value_of(const toml::array& array) {
  const auto all = [&](auto is_kind) { return std::all_of(array.begin(), array.end(), is_kind); };
  if (all([](const toml::node& node) { return node.is_string(); }))
    return list_of<std::string, std::string>(array);
  if (all([](const toml::node& node) { return node.is_integer(); }))
    return list_of<std::int64_t, std::int64_t>(array);
  if (all([](const toml::node& node) { return node.is_number(); })) return reals_of(array);
  return std::nullopt;
}

std::optional<Value> value_of(const toml::node& node) {
  if (const auto flag = node.as_boolean()) return flag->get();
  if (const auto integer = node.as_integer()) return integer->get();
  if (const auto real = node.as_floating_point()) return real->get();
  if (const auto text = node.as_string()) return text->get();
  if (const auto array = node.as_array()) return value_of(*array);
  return std::nullopt;
}

bool holds_tables(const toml::array& array) {
  return std::all_of(array.begin(), array.end(),
                     [](const toml::node& node) { return node.is_table(); });
}

Found found_in(const toml::node& node) {
  const std::optional<Value> value = value_of(node);
  if (value) return {value, describe(*value)};
  if (node.is_array())
    return {std::nullopt,
            holds_tables(*node.as_array()) ? "a list of tables" : "a list of unlike things"};
  return {std::nullopt, node.is_table() ? "a table" : "a date or a time"};
}

Place place_of(const std::string& source_name, const toml::source_region& region) {
  const int line = static_cast<int>(region.begin.line);
  return {source_name + ":" + std::to_string(line), line};
}

// Those of a table inside are written "table.key"; so a key with a point of its own, which can only
// be quoted, would be taken for another.
std::vector<FoundEntry> entries_of(const std::string& section, const toml::table& table,
                                   const std::string& source_name, Mistakes& mistakes) {
  std::vector<FoundEntry> out;
  const auto add = [&](const std::string& prefix, const toml::key& key, const toml::node& node) {
    const std::string name = prefix + std::string(key.str());
    const Place place = place_of(source_name, key.source().begin ? key.source() : node.source());
    if (key.str().find('.') != std::string_view::npos)
      mistakes.add_at(place, section + "." + name, "expected a key without a point in it");
    else
      out.push_back({name, found_in(node), place});
  };
  for (const auto& [key, node] : table) {
    const toml::table* part = node.as_table();
    if (!part || part->empty()) add("", key, node);
    if (!part) continue;
    for (const auto& [part_key, value] : *part) add(std::string(key.str()) + ".", part_key, value);
  }
  return out;
}

void read_section(const std::string& section, const toml::table& table,
                  const std::string& source_name, Sections& out, Mistakes& mistakes) {
  out[section] = entries_of(section, table, source_name, mistakes);
  for (const FoundEntry& entry : out[section])
    mistakes.place(section + "." + entry.key, entry.place);
}

// The tables [[name]], entries each.
std::vector<std::vector<FoundEntry>> read_tables(const std::string& name, const toml::node& node,
                                                 const Place& place, const std::string& source_name,
                                                 Mistakes& mistakes) {
  std::vector<std::vector<FoundEntry>> out;
  const toml::array* tables = node.as_array();
  if (!tables || !holds_tables(*tables)) {
    mistakes.add_at(place, name, "expected tables [[" + name + "]], found " + found_in(node).text);
    return out;
  }
  for (const toml::node& table : *tables)
    out.push_back(entries_of(name, *table.as_table(), source_name, mistakes));
  return out;
}

const FoundEntry* find_entry(const std::vector<FoundEntry>& entries, std::string_view key) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const FoundEntry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

bool names_another(const std::vector<FoundEntry>& base, const std::vector<FoundEntry>& over) {
  const FoundEntry* name = find_entry(over, "name");
  const FoundEntry* before = find_entry(base, "name");
  return name && before && name->found.value != before->found.value;
}

bool is_known(std::string_view section, std::span<const std::string> names) {
  return std::find(names.begin(), names.end(), section) != names.end();
}

std::optional<Found> toml_value(const std::string& text) {
  try {
    const toml::table table = toml::parse("v = " + text);
    const toml::node* node = table.get("v");
    if (node && table.size() == 1) return found_in(*node);
  } catch (const toml::parse_error&) {
  }
  return std::nullopt;
}

// A number that its type does not hold: 18446744073709551616, 1e400.
template <class Number>
bool is_beyond(std::string_view text) {
  Number ignored{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ignored);
  return error == std::errc::result_out_of_range && end == text.data() + text.size();
}

// A word needs no quotes unless it would be the start of some other value.
bool is_bare(std::string_view text) {
  return !text.empty() && text.find_first_of("[]{}\"'#") == std::string_view::npos;
}

// [gini, weight_norms] as ["gini", "weight_norms"]; nothing if it is no list of bare words.
std::optional<Texts> bare_list(std::string_view text) {
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  Texts out;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    out.push_back(trimmed(text.substr(begin, end - begin)));
    if (!is_bare(out.back())) return std::nullopt;
    begin = end + 1;
  }
  return out;
}

FoundEntry* same_key(std::vector<FoundEntry>& entries, const FoundEntry& entry) {
  const auto same = std::find_if(entries.begin(), entries.end(),
                                 [&](const FoundEntry& old) { return old.key == entry.key; });
  return same == entries.end() ? nullptr : &*same;
}

// What a part in a section was called before: a term without a name goes by its label.
std::optional<Value> name_before(std::vector<FoundEntry>& entries, const FoundEntry& name) {
  if (const FoundEntry* old = same_key(entries, name)) return old->found.value;
  return Value(name.key.substr(0, name.key.size() - 5));
}

// Tells the entries below that `over` will change things beside them. Of a part that gets another
// name, what was said of the former one yields.
void note_changes(std::vector<FoundEntry>& below, const FoundEntry& over) {
  const bool names_part = over.key.ends_with(".name");
  const FoundEntry* const same = same_key(below, over);
  const bool is_new_name = names_part && name_before(below, over) != over.found.value;
  const bool is_changed = same && same->found.value != over.found.value;
  const std::string part = names_part ? over.key.substr(0, over.key.size() - 4) : "";
  for (FoundEntry& other : below) {
    if (is_changed) other.changed_since.push_back(over.key);
    if (is_new_name && other.key.starts_with(part)) other.yields = true;
  }
}

// All changes are noted before any is made, so that none concerns what comes with it.
void put_all(std::vector<FoundEntry>& below, const std::vector<FoundEntry>& over) {
  for (const FoundEntry& entry : over) note_changes(below, entry);
  for (const FoundEntry& entry : over) {
    if (FoundEntry* same = same_key(below, entry))
      *same = entry;
    else
      below.push_back(entry);
  }
}

}  // namespace

SpecSource read_toml(std::string_view text, const std::string& source_name,
                     std::span<const std::string> section_names, Mistakes& mistakes) {
  toml::table root;
  try {
    root = toml::parse(text);
  } catch (const toml::parse_error& error) {
    const auto at = error.source().begin;
    throw Error(ErrorCode::usage, source_name + ":" + std::to_string(at.line) + ":" +
                                      std::to_string(at.column) +
                                      ": not TOML: " + std::string(error.description()));
  }
  SpecSource out;
  for (const auto& [key, node] : root) {
    const std::string name(key.str());
    // A key's source is empty for a table that only dotted keys imply; then the node's own serves.
    const Place place = place_of(source_name, key.source().begin ? key.source() : node.source());
    const toml::table* table = node.as_table();
    if (is_known(name, section_names) && table) {
      mistakes.place(name, place);
      read_section(name, *table, source_name, out.sections, mistakes);
    } else if (is_known(name, section_names)) {
      mistakes.add_at(place, name,
                      "expected a section [" + name + "], found " + found_in(node).text);
    } else if (name == "extends" && node.is_string()) {
      out.extends = node.as_string()->get();
    } else if (name == "extends") {
      mistakes.add_at(place, name, "expected the name of a spec, found " + found_in(node).text);
    } else if (name == "expect" || name == "study") {
      (name == "expect" ? out.expected : out.studies) =
          read_tables(name, node, place, source_name, mistakes);
    } else if (table) {
      mistakes.add_at(place, name, "unknown section" + suggestion(name, section_names));
    } else {
      mistakes.add_at(place, name,
                      "a key outside a section; sections: " + comma_list(section_names));
    }
  }
  return out;
}

Sections put_over(Sections base, const Sections& over) {
  for (const auto& [section, entries] : over) {
    std::vector<FoundEntry>& below = base[section];
    if (names_another(below, entries)) below.clear();
    put_all(below, entries);
  }
  return base;
}

std::optional<Found> typed_value(const std::string& text) {
  if (auto found = toml_value(text)) return found;
  if (const auto list = bare_list(text)) {
    std::string quoted;  // through the parser again: each word may be a number after all
    for (const std::string& word : *list)
      quoted += (quoted.empty() ? "" : ",") + (toml_value(word) ? word : "\"" + word + "\"");
    return toml_value("[" + quoted + "]");
  }
  if (is_beyond<std::int64_t>(text) || is_beyond<double>(text))
    return Found{std::nullopt, text + ", which 64 bits do not hold"};
  // Through the parser again, which refuses what is not UTF-8. A bare word holds no quote.
  const bool is_word = is_bare(text) && text.find('\\') == std::string::npos;
  return is_word ? toml_value("\"" + text + "\"") : std::nullopt;
}

void apply_override(std::string_view override_text, int order,
                    std::span<const std::string> section_names, Sections& sections,
                    Mistakes& mistakes) {
  const Place place{"--set " + std::string(override_text), order};
  const std::size_t equals = override_text.find('=');
  const std::string path = trimmed(override_text.substr(0, equals));
  const std::size_t dot = path.find('.');
  const bool is_complete = equals != std::string_view::npos && dot != std::string::npos;
  if (!is_complete) return mistakes.add_at(place, "", "expected section.key=value");
  const std::string section = path.substr(0, dot), key = path.substr(dot + 1);
  if (!is_known(section, section_names))
    return mistakes.add_at(place, section, "unknown section" + suggestion(section, section_names));
  const std::string text = trimmed(override_text.substr(equals + 1));
  std::optional<Found> found = typed_value(text);
  if (!found)
    return mistakes.add_at(place, path, "expected a TOML value or a bare word, found " + text);
  mistakes.place(path, place);
  std::vector<FoundEntry>& entries = sections[section];
  const FoundEntry entry{key, *found, place};
  if (names_another(entries, {entry}))
    for (FoundEntry& other : entries) other.yields = true;
  put_all(entries, {entry});
}

}  // namespace grok
