#include <fstream>
#include <iostream>
#include <memory>

#include <nlohmann/json.hpp>

#include "grok/base/error.h"
#include "grok/cli/command.h"
#include "grok/cli/format.h"
#include "grok/cli/list_json.h"
#include "grok/cli/reproduce_text.h"
#include "grok/cli/spec_option.h"
#include "grok/edits/edit.h"
#include "grok/filters/filter.h"
#include "grok/losses/loss.h"
#include "grok/models/model.h"
#include "grok/ops/catalog.h"
#include "grok/optim/optimizer.h"
#include "grok/plan/pass.h"
#include "grok/probes/probe.h"
#include "grok/schedules/lr_schedule.h"
#include "grok/spec/parse_spec.h"
#include "grok/spec/suggest.h"
#include "grok/spec/toml_text.h"
#include "grok/spec/train_schema.h"
#include "grok/tasks/task.h"
#include "grok/terms/term.h"

namespace grok::cli {
namespace {

struct Item {
  std::string name, meaning, source;
  const Schema* schema = nullptr;  // what a spec may set; null where there is nothing
  std::string file = {};           // where a preset stands
  const Field* field = nullptr;    // where it is no entry of a catalogue but a key of a section
};

std::vector<Item> presets() {
  const std::vector<std::string> folders = preset_folders();
  std::vector<Item> out;
  for (const std::string& name : preset_names(folders)) {
    for (const std::string& folder : folders) {
      const std::string path = folder + "/" + name + ".toml";
      if (!std::ifstream(path)) continue;
      out.push_back({.name = name, .meaning = first_comment(path), .file = path});
      break;
    }
  }
  if (out.empty())
    throw Error(ErrorCode::not_found,
                "no presets in " + comma_list(folders) +
                    "; name their folder by the environment variable GROKSCOPE_SPECS");
  return out;
}

std::vector<Item> keys_of(const Schema& schema) {
  std::vector<Item> out;
  for (const Field& field : schema.fields)
    out.push_back({.name = field.name, .meaning = field.meaning, .field = &field});
  return out;
}

template <class Def>
std::vector<Item> with_schema(std::span<const Def* const> catalog) {
  std::vector<Item> out;
  for (const Def* d : catalog)
    out.push_back(
        {std::string(d->name), std::string(d->meaning), std::string(d->source), &d->schema()});
  return out;
}

std::vector<Item> edit_items() {
  std::vector<Item> out;
  for (const EditDef* d : edits::catalog())
    out.push_back({std::string(d->name), std::string(d->meaning), "", &d->schema()});
  return out;
}

std::vector<Item> probe_items() {
  std::vector<Item> out;
  for (const ProbeDef* d : probes::catalog())
    out.push_back({std::string(d->name),
                   std::string(d->meaning) + (d->by_default ? "" : " (only where named)"),
                   std::string(d->source)});
  return out;
}

template <class Def>
std::vector<Item> without_source(std::span<const Def* const> catalog) {
  std::vector<Item> out;
  for (const Def* d : catalog) out.push_back({std::string(d->name), std::string(d->meaning), ""});
  return out;
}

struct Kind {
  std::string name;
  std::vector<Item> (*items)();
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all{
      {"tasks", [] { return with_schema(tasks::catalog()); }},
      {"models", [] { return with_schema(models::catalog()); }},
      {"losses", [] { return with_schema(losses::catalog()); }},
      {"terms", [] { return with_schema(terms::catalog()); }},
      {"optim", [] { return with_schema(optim::catalog()); }},
      {"filters", [] { return with_schema(filters::catalog()); }},
      {"schedules", [] { return with_schema(schedules::catalog()); }},
      {"train", [] { return keys_of(train_schema()); }},
      {"record", [] { return keys_of(record_schema()); }},
      {"probes", probe_items},
      {"edits", edit_items},
      {"presets", presets},
      {"ops", [] { return without_source(ops::catalog()); }},
      {"passes", [] { return without_source(pass_catalog()); }}};
  return all;
}

const Kind& kind_named(const std::string& name) {
  std::vector<std::string> known;
  for (const Kind& kind : kinds()) {
    if (kind.name == name) return kind;
    known.push_back(kind.name);
  }
  throw Error(ErrorCode::usage, "nothing to list named " + name + suggestion(name, known));
}

std::string default_text(const Field& field) {
  if (field.default_value) return json_text(*field.default_value);
  return field.default_from.empty() ? "required" : "as train." + field.default_from;
}

nlohmann::ordered_json json_of(const Field& field) {
  nlohmann::ordered_json out = {{"name", field.name},
                                {"expected", expected(field)},
                                {"default", default_text(field)},
                                {"meaning", field.meaning}};
  if (field.type == FieldType::text && !field.words.empty()) out["words"] = field.words;
  return out;
}

nlohmann::ordered_json json_of(const Item& item) {
  if (item.field) return json_of(*item.field);
  nlohmann::ordered_json out = {{"name", item.name}, {"meaning", item.meaning}};
  if (!item.source.empty()) out["source"] = item.source;
  if (!item.file.empty()) out["file"] = item.file;
  if (!item.schema) return out;
  out["settings"] = nlohmann::json::array();
  for (const Field& field : item.schema->fields) out["settings"].push_back(json_of(field));
  return out;
}

constexpr std::size_t text_width = 80;

// The name, and the text beside it, line by line.
void print_beside(std::string_view name, std::size_t width, const std::string& text) {
  for (const std::string& line : wrapped(text, text_width)) {
    std::cout << left(name, width) << "  " << line << '\n';
    name = "";
  }
}

// With what it may be, for which a list of many has no room.
void print_field(const Field& field, std::size_t width) {
  print_beside(field.name, width, field.meaning);
  const std::string otherwise = default_text(field);
  print_beside(
      "", width,
      (otherwise == "required" ? otherwise : "default " + otherwise) + "; " + expected(field));
}

void print(const Item& item, std::size_t width) {
  if (item.field) return print_field(*item.field, width);
  print_beside(item.name, width, item.meaning);
  if (!item.source.empty()) print_beside("", width, "source: " + item.source);
  if (!item.schema) return;
  for (const Field& field : item.schema->fields)
    std::cout << left("", width) << "  " << left(field.name + " = " + default_text(field), 28)
              << ' ' << field.meaning << '\n';
}

Item item_named(const std::string& what, const std::string& name) {
  std::vector<std::string> known;
  for (Item& item : kind_named(what).items()) {
    if (item.name == name) return std::move(item);
    known.push_back(item.name);
  }
  throw Error(ErrorCode::usage,
              "list " + what + ": nothing named " + json_text(name) + suggestion(name, known));
}

// As a spec's file that says all of it.
void print_preset(const std::string& name, bool is_json) {
  const SpecOption option{name, {}};
  const RunSpec spec = option.load();
  const std::string path = spec_path(name, preset_folders());
  if (is_json) {
    const nlohmann::ordered_json out = {{"name", option.name()},
                                        {"meaning", first_comment(path)},
                                        {"file", path},
                                        {"spec", nlohmann::json::parse(canonical_json(spec))}};
    std::cout << out.dump(2) << '\n';
    return;
  }
  for (const std::string& line : wrapped(first_comment(path), text_width))
    std::cout << "# " << line << '\n';
  std::cout << "# All values of " << path << ", defaults filled in.\n\n" << toml_text(spec);
}

void print_one(const Item& item) {
  const std::size_t indent = 2;
  std::cout << item.name << '\n';
  print_beside("", indent, item.meaning);
  if (!item.source.empty()) print_beside("", indent, "source: " + item.source);
  if (!item.schema) return;
  std::size_t width = 0;
  for (const Field& field : item.schema->fields) width = std::max(width, field.name.size());
  if (width > 0) std::cout << '\n';
  for (const Field& field : item.schema->fields) print_field(field, width);
}

int list_one(const std::string& what, const std::string& name, bool is_json) {
  if (what == "presets") {
    print_preset(name, is_json);
    return 0;
  }
  const Item item = item_named(what, name);
  if (is_json)
    std::cout << json_of(item).dump(2) << '\n';
  else if (item.field)
    print_field(*item.field, item.name.size());
  else
    print_one(item);
  return 0;
}

int list(const std::string& what, bool is_json) {
  if (is_json) {
    std::cout << list_json(what) << '\n';
    return 0;
  }
  const std::vector<Item> items = kind_named(what).items();
  std::size_t width = 0;
  for (const Item& item : items) width = std::max(width, item.name.size());
  for (const Item& item : items) print(item, width);
  return 0;
}

}  // namespace

std::string list_json(const std::string& what) {
  nlohmann::ordered_json out = nlohmann::json::array();
  for (const Item& item : kind_named(what).items()) out.push_back(json_of(item));
  return out.dump(2);
}

void add_list(CLI::App& program, Action& action) {
  struct Options {
    std::string what, name;
    bool is_json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command =
      program.add_subcommand("list", "List what a spec or a fork may name, and what it means");
  command
      ->add_option("WHAT", options->what,
                   "tasks, models, losses, terms, optim, filters, schedules, probes, edits, "
                   "presets, ops or passes; train and record, the sections that every spec has")
      ->required();
  command
      ->add_option("NAME", options->name,
                   "One of them alone: with what its settings may be; of a preset, its whole spec")
      ->check(not_empty());
  command->add_flag("--json", options->is_json, "As JSON, for programs");
  command->footer(
      "Examples:\n  grokscope list presets\n  grokscope list presets quick > mine.toml\n"
      "  grokscope list optim adamw\n  grokscope list record");
  command->callback([options, &action] {
    action = [options] {
      return options->name.empty() ? list(options->what, options->is_json)
                                   : list_one(options->what, options->name, options->is_json);
    };
  });
}

}  // namespace grok::cli
