#include "grok/spec/schema.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "grok/base/error.h"
#include "grok/spec/suggest.h"

namespace grok {
namespace {

// Bounds are mostly whole numbers: 1000000000 says more than 1e+09.
std::string bound_text(double x) {
  const bool is_whole = x == std::floor(x) && std::abs(x) < 1e15;
  return is_whole ? std::to_string(static_cast<std::int64_t>(x)) : real_text(x);
}

std::string range_text(const Range& range) {
  const bool is_closed = range.low && range.high && range.low->is_inside && range.high->is_inside;
  if (is_closed)
    return "from " + bound_text(range.low->value) + " to " + bound_text(range.high->value);
  std::string out;
  if (range.low)
    out = (range.low->is_inside ? "of at least " : "above ") + bound_text(range.low->value);
  if (!range.high) return out;
  if (range.low) out += " and ";
  return out + (range.high->is_inside ? "at most " : "below ") + bound_text(range.high->value);
}

std::string words_text(const std::vector<std::string>& words) {
  std::string out = words.size() == 1 ? "" : "one of ";
  for (std::size_t i = 0; i < words.size(); ++i) out += (i ? ", " : "") + json_text(words[i]);
  return out;
}

std::string one_text(FieldType type) {
  switch (type) {
    case FieldType::flag:
      return "true or false";
    case FieldType::integer:
      return "an integer";
    case FieldType::real:
      return "a number";
    case FieldType::text:
      return "a string";
    case FieldType::integers:
      return "integers";
    case FieldType::reals:
      return "numbers";
    case FieldType::texts:
      return "strings";
  }
  return "";
}

bool is_list(FieldType type) { return type >= FieldType::integers; }

std::string type_text(const Field& field) {
  const std::string range = range_text(field.range);
  if (field.parts)
    return (is_list(field.type) ? "a list, each once, of " : "") + words_text(field.parts->names);
  if (!is_list(field.type)) return one_text(field.type) + (range.empty() ? "" : " " + range);
  const std::string count = field.n_values ? std::to_string(field.n_values) + " " : "";
  return "a list of " + count + one_text(field.type) + (range.empty() ? "" : ", each " + range);
}

bool is_word(const Field& field, const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text && std::find(field.words.begin(), field.words.end(), *text) != field.words.end();
}

std::optional<double> fitted_real(const Range& range, double x) {
  if (!std::isfinite(x) || !range.holds(x)) return std::nullopt;
  return x == 0 ? 0.0 : x;  // -0.0 is the same setting as 0.0 and must have the same digest
}

std::optional<Value> fitted_integer(const Field& field, const Value& value) {
  const auto* x = std::get_if<std::int64_t>(&value);
  if (!x || !field.range.holds(static_cast<double>(*x))) return std::nullopt;
  return *x;
}

std::optional<Value> fitted_real(const Field& field, const Value& value) {
  std::optional<double> x;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) x = static_cast<double>(*integer);
  if (const auto* real = std::get_if<double>(&value)) x = *real;
  if (x) x = fitted_real(field.range, *x);
  return x ? std::optional<Value>(*x) : std::nullopt;
}

std::optional<Value> fitted_reals(const Field& field, const Value& value) {
  Reals list;
  if (const auto* integers = std::get_if<Integers>(&value))
    list.assign(integers->begin(), integers->end());
  if (const auto* reals = std::get_if<Reals>(&value)) list = *reals;
  for (double& x : list) {
    const std::optional<double> fit = fitted_real(field.range, x);
    if (!fit) return std::nullopt;
    x = *fit;
  }
  if (list.empty()) return std::nullopt;
  return list;
}

std::optional<Value> fitted_integers(const Field& field, const Value& value) {
  const auto* list = std::get_if<Integers>(&value);
  const auto is_inside = [&](std::int64_t x) { return field.range.holds(static_cast<double>(x)); };
  if (!list || !std::all_of(list->begin(), list->end(), is_inside)) return std::nullopt;
  return *list;
}

std::size_t list_size(const Value& value) {
  if (const auto* integers = std::get_if<Integers>(&value)) return integers->size();
  if (const auto* reals = std::get_if<Reals>(&value)) return reals->size();
  if (const auto* texts = std::get_if<Texts>(&value)) return texts->size();
  return 0;
}

bool is_a_list(const Value& value) {
  return std::holds_alternative<Integers>(value) || std::holds_alternative<Reals>(value) ||
         std::holds_alternative<Texts>(value);
}

bool is_part(const PartCatalog& parts, const std::string& name) {
  return std::find(parts.names.begin(), parts.names.end(), name) != parts.names.end();
}

// True also of a field that names no parts.
bool are_parts(const Field& field, const Texts& names) {
  return !field.parts || std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return is_part(*field.parts, name) && std::count(names.begin(), names.end(), name) == 1;
  });
}

std::optional<Value> fitted_list(const Field& field, const Value& value) {
  if (field.n_values && list_size(value) != field.n_values) return std::nullopt;
  if (is_a_list(value) && list_size(value) == 0) return Texts{};
  if (field.type == FieldType::texts && std::holds_alternative<Texts>(value))
    return are_parts(field, std::get<Texts>(value)) ? std::optional(value) : std::nullopt;
  if (field.type == FieldType::reals) return fitted_reals(field, value);
  if (field.type == FieldType::integers) return fitted_integers(field, value);
  return std::nullopt;
}

// In full where the key is a part's, whose point would else be taken for the section's.
void add_mistake(const std::string& key, const std::string& what, Mistakes& mistakes) {
  const bool is_parts = key.find('.') != std::string::npos && !mistakes.section().empty();
  mistakes.add(is_parts ? mistakes.section() + "." + key : key, what);
}

// The field whose value has the key: p of {"p.a", 1}, which was written p = {a = 1}.
const Field* field_as_table(const Schema& schema, const std::string& key) {
  return schema.find(key.substr(0, key.find('.')));
}

// The field that could name the part of a key "PART.key".
const Field* field_of_part(const Schema& schema, std::string_view part) {
  for (const Field& field : schema.fields)
    if (field.parts && is_part(*field.parts, std::string(part))) return &field;
  return nullptr;
}

void refuse_key(const Schema& schema, const FoundEntry& entry, Mistakes& mistakes) {
  const std::size_t dot = entry.key.find('.');
  const std::string part = entry.key.substr(0, dot);
  if (const Field* field = field_as_table(schema, entry.key))
    return mistakes.add_at(entry.place, mistakes.section() + "." + field->name,
                           "expected " + expected(*field) + ", found a table");
  const Field* field = field_of_part(schema, part);
  if (field && dot != std::string::npos && !schema.has_part(part))
    return add_mistake(entry.key,
                       "is a setting of " + part + ", which " + field->name + " does not name",
                       mistakes);
  add_mistake(entry.key, "unknown key" + suggestion(entry.key, schema.names()), mistakes);
}

// `schema` has the fields of the parts that are named.
void check_entry(const Schema& schema, const FoundEntry& entry, Params& out, Mistakes& mistakes) {
  const Field* field = schema.find(entry.key);
  if (!field && schema.has_part(entry.key) && !entry.found.value) return;  // an empty table
  if (!field) return refuse_key(schema, entry, mistakes);
  std::optional<Value> value;
  if (entry.found.value) value = fitted(*field, *entry.found.value);
  if (value)
    out.set(entry.key, *value);
  else
    add_mistake(entry.key, "expected " + expected(*field) + ", found " + entry.found.text,
                mistakes);
}

Value default_of(const Field& field) {
  const std::optional<Value> value = fitted(field, *field.default_value);
  GROK_REQUIRE(value.has_value(), field.name + " forbids its own default");
  return *value;
}

void fill_in(const Field& field, const Params& train, Params& out, Mistakes& mistakes) {
  const Value* from = field.default_from.empty() ? nullptr : train.find(field.default_from);
  if (from)
    out.set(field.name, *from);
  else if (field.default_value)
    out.set(field.name, default_of(field));
  else if (field.default_from.empty())  // else [train] has a mistake, which is reported there
    add_mistake(field.name,
                "missing; expected " + expected(field) +
                    (field.meaning.empty() ? "" : ": " + field.meaning),
                mistakes);
}

}  // namespace

bool Range::holds(double x) const {
  if (low && (low->is_inside ? x < low->value : x <= low->value)) return false;
  return !(high && (high->is_inside ? x > high->value : x >= high->value));
}

const Field* Schema::find(std::string_view name) const {
  for (const Field& field : fields)
    if (field.name == name) return &field;
  return nullptr;
}

std::vector<std::string> Schema::names() const {
  std::vector<std::string> out;
  for (const Field& field : fields) out.push_back(field.name);
  return out;
}

std::string describe(const Value& value) {
  std::string text = json_text(value);
  constexpr std::size_t longest = 60;
  if (text.size() > longest) text = text.substr(0, longest) + "...";
  if (std::holds_alternative<bool>(value)) return text + " (a flag)";
  if (std::holds_alternative<std::string>(value)) return text + " (a string)";
  return is_a_list(value) ? text + " (a list)" : text;
}

std::string expected(const Field& field) {
  if (field.words.empty()) return type_text(field);
  if (field.type == FieldType::text) return words_text(field.words);
  return words_text(field.words) + " or " + type_text(field);
}

std::optional<Value> fitted(const Field& field, const Value& value) {
  if (is_word(field, value)) return value;
  switch (field.type) {
    case FieldType::flag:
      return std::holds_alternative<bool>(value) ? std::optional(value) : std::nullopt;
    case FieldType::text: {
      const bool fits = std::holds_alternative<std::string>(value) && field.words.empty();
      return fits ? std::optional(value) : std::nullopt;
    }
    case FieldType::integer:
      return fitted_integer(field, value);
    case FieldType::real:
      return fitted_real(field, value);
    default:
      return fitted_list(field, value);
  }
}

namespace {

// What the entries, or else the field itself, say of a field that names parts.
Texts parts_named(const Field& field, const std::vector<FoundEntry>& entries) {
  std::optional<Value> value = field.default_value;
  for (const FoundEntry& entry : entries)
    if (entry.key == field.name)
      value = entry.found.value ? fitted(field, *entry.found.value) : std::nullopt;
  if (!value) return {};
  if (const auto* one = std::get_if<std::string>(&*value)) return {*one};
  const auto* some = std::get_if<Texts>(&*value);
  return some ? *some : Texts{};
}

// A key that was written of a part which is named no longer.
bool is_left_over(const Schema& schema, const FoundEntry& entry) {
  const std::string part = entry.key.substr(0, entry.key.find('.'));
  const Field* field = field_of_part(schema, part);
  return field && part != entry.key && !schema.has_part(part) &&
         std::count(entry.changed_since.begin(), entry.changed_since.end(), field->name) > 0;
}

void check_together(const Schema& schema, const Params& params, Mistakes& mistakes) {
  if (schema.check) schema.check(params, mistakes);
  const std::string section = mistakes.section();
  for (const auto& [name, part] : schema.parts) {
    if (!part->check) continue;
    mistakes.enter(section.empty() ? name : section + "." + name);
    part->check(params.part(name), mistakes);
  }
  mistakes.enter(section);
}

}  // namespace

bool Schema::has_part(std::string_view name) const {
  return std::any_of(parts.begin(), parts.end(), [&](const auto& p) { return p.first == name; });
}

Schema with_parts(const Schema& schema, const std::vector<FoundEntry>& entries) {
  Schema out = schema;
  for (const Field& field : schema.fields) {
    if (!field.parts) continue;
    for (const std::string& name : parts_named(field, entries)) {
      const Schema& part = field.parts->schema(name);
      out.parts.emplace_back(name, &part);
      for (Field copy : part.fields) {
        copy.name = name + "." + copy.name;
        out.fields.push_back(std::move(copy));
      }
    }
  }
  return out;
}

std::optional<Params> check_entries(const Schema& given, const std::vector<FoundEntry>& entries,
                                    const Params& train, Mistakes& mistakes) {
  const Schema schema = with_parts(given, entries);
  const std::size_t n_before = mistakes.size();
  Params out;
  for (const FoundEntry& entry : entries)
    if (!is_left_over(schema, entry)) check_entry(schema, entry, out, mistakes);
  const auto is_given = [&](const Field& field) {
    return std::any_of(entries.begin(), entries.end(), [&](const FoundEntry& entry) {
      return entry.key == field.name || entry.key.starts_with(field.name + ".");
    });
  };
  bool is_complete = true;
  for (const Field& field : schema.fields) {
    if (!is_given(field)) fill_in(field, train, out, mistakes);
    is_complete = is_complete && out.contains(field.name);
  }
  if (is_complete && mistakes.size() == n_before) check_together(schema, out, mistakes);
  if (!is_complete || mistakes.size() != n_before) return std::nullopt;
  return out;
}

Params checked_params(const Schema& schema, const Params& given, const Params& train) {
  std::vector<FoundEntry> entries;
  for (const auto& [key, value] : given) entries.push_back({key, {value, describe(value)}, {}});
  Mistakes mistakes("params");
  const std::optional<Params> out = check_entries(schema, entries, train, mistakes);
  mistakes.throw_if_any();
  GROK_REQUIRE(out.has_value(), "a field's default_from names no value of train");
  return *out;
}

}  // namespace grok
