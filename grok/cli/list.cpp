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
#include "grok/tasks/task.h"
#include "grok/terms/term.h"

namespace grok::cli {
namespace {

struct Item {
  std::string name, meaning, source;
  const Schema* schema = nullptr;  // what a spec may set; null where there is nothing
  std::string file = {};           // where a preset stands
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

nlohmann::ordered_json json_of(const Item& item) {
  nlohmann::ordered_json out = {{"name", item.name}, {"meaning", item.meaning}};
  if (!item.source.empty()) out["source"] = item.source;
  if (!item.file.empty()) out["file"] = item.file;
  if (!item.schema) return out;
  out["settings"] = nlohmann::json::array();
  for (const Field& field : item.schema->fields) {
    out["settings"].push_back({{"name", field.name},
                               {"expected", expected(field)},
                               {"default", default_text(field)},
                               {"meaning", field.meaning}});
    if (field.type == FieldType::text && !field.words.empty())
      out["settings"].back()["words"] = field.words;
  }
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

void print(const Item& item, std::size_t width) {
  print_beside(item.name, width, item.meaning);
  if (!item.source.empty()) print_beside("", width, "source: " + item.source);
  if (!item.schema) return;
  for (const Field& field : item.schema->fields)
    std::cout << left("", width) << "  " << left(field.name + " = " + default_text(field), 28)
              << ' ' << field.meaning << '\n';
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
    std::string what;
    bool is_json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command =
      program.add_subcommand("list", "List what a spec or a fork may name, and what it means");
  command
      ->add_option("WHAT", options->what,
                   "tasks, models, losses, terms, optim, filters, schedules, probes, edits, "
                   "presets, ops or passes")
      ->required();
  command->add_flag("--json", options->is_json, "As JSON, for programs");
  command->footer("Example:\n  grokscope list presets");
  command->callback(
      [options, &action] { action = [options] { return list(options->what, options->is_json); }; });
}

}  // namespace grok::cli
