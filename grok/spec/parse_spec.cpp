#include "grok/spec/parse_spec.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <system_error>

#include "grok/base/error.h"
#include "grok/spec/spec_file.h"
#include "grok/spec/split_values.h"
#include "grok/spec/stop_rule.h"
#include "grok/spec/suggest.h"
#include "grok/spec/toml_source.h"
#include "grok/spec/train_schema.h"

namespace grok {
namespace {

constexpr int most_extensions = 8;

const std::vector<std::string>& section_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    for (const SectionRef& section : spec_sections) out.emplace_back(section.name);
    return out;
  }();
  return names;
}

// Takes the entry "name" out of the section and looks it up. Null, with a mistake, if it is missing
// or unknown; the other keys of the section can then not be judged.
const Schema* take_schema(const std::string& section, const CatalogSchema& catalog,
                          std::vector<FoundEntry>& entries, std::string& name, Mistakes& mistakes) {
  const auto entry = std::find_if(entries.begin(), entries.end(),
                                  [](const FoundEntry& e) { return e.key == "name"; });
  if (entry == entries.end()) {
    mistakes.add("name", "missing; known: " + comma_list(catalog.names));
    return nullptr;
  }
  const Found found = entry->found;
  entries.erase(entry);
  const auto* text = found.value ? std::get_if<std::string>(&*found.value) : nullptr;
  if (!text) {
    mistakes.add("name", "expected a string, found " + found.text);
    return nullptr;
  }
  name = *text;
  if (std::find(catalog.names.begin(), catalog.names.end(), name) != catalog.names.end())
    return catalog.schema(name);
  const auto near = nearest_word(name, catalog.names);
  mistakes.add("name", "unknown " + section + " " + json_text(name) +
                           (near ? "; did you mean " + *near + "?" : "") +
                           "; known: " + comma_list(catalog.names));
  return nullptr;
}

std::optional<Params> check_catalog_section(const std::string& section,
                                            const CatalogSchema& catalog,
                                            std::vector<FoundEntry> entries, const Params& train,
                                            Mistakes& mistakes) {
  std::string name;
  const Schema* schema = take_schema(section, catalog, entries, name, mistakes);
  if (!schema) return std::nullopt;
  const Schema whole = with_parts(*schema, entries);
  std::erase_if(entries, [&](const FoundEntry& entry) {
    const Field* field = whole.find(entry.key);
    const auto& value = entry.found.value;
    return entry.yields && !(field && value && fitted(*field, *value));
  });
  std::optional<Params> out = check_entries(*schema, entries, train, mistakes);
  if (out) out->set("name", name);
  return out;
}

// The sections [terms.LABEL], each an entry of a catalogue: that of its label unless it says which.
Params check_terms(const CatalogSchema& catalog, const std::vector<FoundEntry>& entries,
                   const Params& train, Mistakes& mistakes) {
  std::map<std::string, std::vector<FoundEntry>> by_label;
  for (const FoundEntry& entry : entries) {
    const std::size_t dot = entry.key.find('.');
    const std::string label = entry.key.substr(0, dot);
    if (dot == std::string::npos || !is_term_label(label)) {
      mistakes.add_at(entry.place, "terms." + label,
                      "expected sections [terms.LABEL], with a label of letters, digits, _ and -, "
                      "found " +
                          entry.found.text);
      continue;
    }
    by_label[label].push_back(entry);
    by_label[label].back().key = entry.key.substr(dot + 1);
  }
  Params out;
  for (auto& [label, its] : by_label) {
    mistakes.enter("terms." + label);
    const auto is_name = [](const FoundEntry& entry) { return entry.key == "name"; };
    if (std::none_of(its.begin(), its.end(), is_name))
      its.push_back({"name", {Value(label), json_text(label)}, its.front().place});
    const std::optional<Params> params =
        check_catalog_section("term", catalog, its, train, mistakes);
    if (params) out.set_part(label, *params);
  }
  return out;
}

void check_names(const RunSpec& spec, const SpecSchema& schema, Mistakes& mistakes) {
  const auto is_unknown = [](const std::string& name, const std::vector<std::string>& known) {
    return !known.empty() && std::find(known.begin(), known.end(), name) == known.end();
  };
  if (spec.record.contains("probes") && !spec.record.is_text("probes"))
    for (const std::string& probe : spec.record.texts("probes"))
      if (is_unknown(probe, schema.probe_names))
        mistakes.add("record.probes",
                     "unknown probe " + json_text(probe) + suggestion(probe, schema.probe_names));
  const auto rule = spec.train.contains("stop_when") ? stop_rule(spec) : std::nullopt;
  if (rule && is_unknown(rule->metric, schema.stop_metrics))
    mistakes.add("train.stop_when", "unknown metric " + json_text(rule->metric) +
                                        suggestion(rule->metric, schema.stop_metrics));
}

// Checks every section; returns the spec as far as it is sound.
RunSpec check_sections(const Sections& source, const SpecSchema& schema, Mistakes& mistakes) {
  const auto entries_of = [&](const std::string& section) {
    const auto found = source.find(section);
    return found == source.end() ? std::vector<FoundEntry>{} : found->second;
  };
  RunSpec out;
  mistakes.enter("train");  // first: the other sections may take their seeds from it
  out.train = check_entries(train_schema(), entries_of("train"), {}, mistakes).value_or(Params{});
  const auto catalog_section = [&](const std::string& section, const CatalogSchema& catalog) {
    mistakes.enter(section);
    return check_catalog_section(section, catalog, entries_of(section), out.train, mistakes)
        .value_or(Params{});
  };
  out.task = catalog_section("task", schema.task);
  out.model = catalog_section("model", schema.model);
  out.loss = catalog_section("loss", schema.loss);
  out.terms = check_terms(schema.terms, entries_of("terms"), out.train, mistakes);
  out.optim = catalog_section("optim", schema.optim);
  mistakes.enter("record");
  out.record =
      check_entries(record_schema(), entries_of("record"), {}, mistakes).value_or(Params{});
  mistakes.enter("");
  check_names(out, schema, mistakes);
  if (mistakes.empty() && schema.check) schema.check(out, mistakes);
  return out;
}

// True of an override that sets a section's name: "model.name=mlp".
bool is_name(const std::string& override_text) {
  return trimmed(std::string_view(override_text).substr(0, override_text.find('=')))
      .ends_with(".name");
}

RunSpec checked(Sections sections, std::span<const std::string> overrides, const SpecSchema& schema,
                Mistakes& mistakes) {
  // Names first: what was said of another entry of a catalogue yields, what is set here does not.
  for (const bool names : {true, false}) {
    int order = std::numeric_limits<int>::max() - static_cast<int>(overrides.size());
    for (const std::string& text : overrides) {
      if (is_name(text) == names) apply_override(text, order, section_names(), sections, mistakes);
      ++order;
    }
  }
  RunSpec out = check_sections(sections, schema, mistakes);
  mistakes.throw_if_any();
  const std::optional<StopRule> rule = stop_rule(out);
  out.train.set("stop_when", rule ? stop_rule_text(*rule) : "");
  return out;
}

// Of the spec that `path` extends: a preset's name, or a file, sought beside `path` first.
std::string extended_path(const std::string& extended, const std::string& path,
                          std::span<const std::string> preset_dirs) {
  namespace fs = std::filesystem;
  std::error_code unknown;
  try {
    const std::string out = spec_path(extended, preset_dirs);
    const fs::path beside = fs::path(path).parent_path() / extended;
    if (out == extended && fs::exists(beside, unknown)) return beside.string();
    if (!fs::exists(out, unknown)) throw Error(ErrorCode::not_found, "there is no file " + out);
    return out;
  } catch (const Error& error) {
    throw Error(error.code(), path + ": extends: " + error.what());
  }
}

// A spec's file, put over the one that it extends, and so on.
SpecSource read_source(const std::string& spec, std::span<const std::string> preset_dirs,
                       Mistakes& mistakes, int depth = 0) {
  const std::string path = spec_path(spec, preset_dirs);
  SpecSource out = read_toml(read_spec_file(path), path, section_names(), mistakes);
  if (out.extends.empty()) return out;
  if (depth == most_extensions)
    throw Error(ErrorCode::usage, path + ": extends: " + std::to_string(most_extensions) +
                                      " specs that each extend another; do they go in a circle?");
  SpecSource base =
      read_source(extended_path(out.extends, path, preset_dirs), preset_dirs, mistakes, depth + 1);
  out.sections = put_over(std::move(base.sections), out.sections);
  // The base was read last, but it is this one that has the last word.
  for (const auto& [section, entries] : out.sections)
    for (const FoundEntry& entry : entries) mistakes.place(section + "." + entry.key, entry.place);
  return out;
}

}  // namespace

RunSpec parse_spec(std::string_view toml_text, const std::string& source_name,
                   std::span<const std::string> overrides, const SpecSchema& schema) {
  Mistakes mistakes(source_name);
  SpecSource source = read_toml(toml_text, source_name, section_names(), mistakes);
  if (!source.extends.empty())
    mistakes.add("extends", "only a spec that is a file can extend another");
  return checked(std::move(source.sections), overrides, schema, mistakes);
}

RunSpec load_spec(const std::string& spec, std::span<const std::string> preset_dirs,
                  std::span<const std::string> overrides, const SpecSchema& schema) {
  Mistakes mistakes(spec_path(spec, preset_dirs));
  SpecSource source = read_source(spec, preset_dirs, mistakes);
  return checked(std::move(source.sections), overrides, schema, mistakes);
}

std::vector<Expectation> load_expectations(const std::string& spec,
                                           std::span<const std::string> preset_dirs) {
  Mistakes mistakes(spec_path(spec, preset_dirs));
  const SpecSource source = read_source(spec, preset_dirs, mistakes);
  std::vector<Expectation> out;
  for (const std::vector<FoundEntry>& entries : source.expected)
    if (auto expectation = check_expectation(entries, mistakes))
      out.push_back(std::move(*expectation));
  mistakes.throw_if_any();
  return out;
}

std::vector<Study> load_studies(const std::string& spec, std::span<const std::string> preset_dirs) {
  Mistakes mistakes(spec_path(spec, preset_dirs));
  const SpecSource source = read_source(spec, preset_dirs, mistakes);
  std::vector<Study> out;
  for (const std::vector<FoundEntry>& entries : source.studies)
    if (auto study = check_study(entries, mistakes)) out.push_back(std::move(*study));
  mistakes.throw_if_any();
  return out;
}

}  // namespace grok
