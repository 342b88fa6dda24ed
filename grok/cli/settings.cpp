#include "grok/cli/settings.h"

#include <algorithm>

#include "grok/cli/format.h"
#include "grok/lab/spec_schema.h"
#include "grok/spec/train_schema.h"

namespace grok::cli {
namespace {

constexpr std::size_t line_width = 80;

// Null if this version has no entry of that name.
const Schema* schema_of(const CatalogSchema& catalog, const std::string& name) {
  const bool is_known =
      std::find(catalog.names.begin(), catalog.names.end(), name) != catalog.names.end();
  return is_known ? catalog.schema(name) : nullptr;
}

// With the fields of the parts that the section names.
Schema whole_schema(const Schema* schema, const Params& section) {
  if (!schema) return {};
  std::vector<FoundEntry> entries;
  for (const auto& [key, value] : section) entries.push_back({key, {value, {}}, {}});
  return with_parts(*schema, entries);
}

bool is_default(const Field* field, const Value& value, const Params& train) {
  if (!field) return false;
  const Value* from = field->default_from.empty() ? nullptr : train.find(field->default_from);
  if (from) return *from == value;
  return field->default_value && fitted(*field, *field->default_value) == value;
}

std::vector<std::string> changed(const Schema* schema, const Params& section, const Params& train) {
  const Schema whole = whole_schema(schema, section);
  std::vector<std::string> out;
  for (const auto& [key, value] : section)
    if (key != "name" && !is_default(whole.find(key), value, train))
      out.push_back(key + "=" + json_text(value));
  return out;
}

std::vector<std::string> lines_of(const std::string& name, const std::vector<std::string>& values) {
  std::vector<std::string> lines;
  std::string line = name;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!line.empty()) line += i == 0 ? ": " : ", ";
    if (i > 0 && n_characters(line) + n_characters(values[i]) > line_width) {
      line.pop_back();
      lines.push_back(line);
      line.clear();
    }
    line += values[i];
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

}  // namespace

std::vector<SectionSettings> settings_of(const RunSpec& spec) {
  std::vector<SectionSettings> out;
  const auto add = [&](const std::string& section, const std::string& name, const Schema* schema,
                       const Params& params) {
    SectionSettings settings{section, lines_of(name, changed(schema, params, spec.train))};
    if (!settings.lines.empty()) out.push_back(std::move(settings));
  };
  const auto add_entry = [&](const std::string& section, const CatalogSchema& catalog,
                             const Params& params) {
    const std::string name = params.is_text("name") ? params.text("name") : "?";
    add(section, name, schema_of(catalog, name), params);
  };
  const SpecSchema& schema = spec_schema();
  add_entry("task", schema.task, spec.task);
  add_entry("model", schema.model, spec.model);
  add_entry("loss", schema.loss, spec.loss);
  for (const std::string& label : term_labels(spec.terms))
    add_entry("terms." + label, schema.terms, spec.terms.part(label));
  add_entry("optim", schema.optim, spec.optim);
  add("train", "", &train_schema(), spec.train);
  add("record", "", &record_schema(), spec.record);
  return out;
}

}  // namespace grok::cli
