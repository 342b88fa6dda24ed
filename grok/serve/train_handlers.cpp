// What the page starts and stops; see docs/scope.md.

#include <algorithm>

#include <nlohmann/json.hpp>

#include "grok/base/error.h"
#include "grok/lab/explain.h"
#include "grok/lab/foreign.h"
#include "grok/lab/fork.h"
#include "grok/lab/replayer.h"
#include "grok/lab/spec_schema.h"
#include "grok/serve/handlers.h"
#include "grok/serve/json_text.h"
#include "grok/serve/named_files.h"

namespace grok::serve {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t longest_name = 100;
constexpr std::size_t most_texts = 200;

Json body_of(const Request& request) {
  Json out = foreign_json<Json>(request.body);
  if (!out.is_object()) throw Error(ErrorCode::usage, "the request's body is no JSON object");
  return out;
}

std::string text_in(const Json& body, const char* key) {
  if (!body.contains(key) || !body[key].is_string())
    throw Error(ErrorCode::usage, std::string("the request lacks the text \"") + key + "\"");
  return body[key];
}

std::vector<std::string> texts_in(const Json& body, const char* key) {
  std::vector<std::string> out;
  if (!body.contains(key)) return out;
  const auto is_text = [](const Json& one) { return one.is_string(); };
  if (!body[key].is_array() || body[key].size() > most_texts ||
      !std::all_of(body[key].begin(), body[key].end(), is_text))
    throw Error(ErrorCode::usage, std::string("\"") + key + "\" is no list of texts");
  for (const Json& one : body[key]) out.push_back(one);
  return out;
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-.,=+").find(c) != std::string_view::npos;
}

// A name that can be a file's anywhere, and a path nowhere.
void check_name(const std::string& name) {
  if (!name.empty() && name.size() <= longest_name && name.front() != '.' &&
      std::all_of(name.begin(), name.end(), is_name_character))
    return;
  throw Error(ErrorCode::usage, "name: expected 1 to " + std::to_string(longest_name) +
                                    " letters, digits and any of _ - . , = + that do not begin "
                                    "with a point, found \"" +
                                    name + "\"");
}

std::filesystem::path new_path(const Scope& scope, const std::string& name) {
  check_name(name);
  const std::filesystem::path path = scope.roots.folder_for_new_runs() / (name + ".grok");
  if (std::filesystem::exists(std::filesystem::symlink_status(path)))
    throw Error(ErrorCode::usage, "name: there is a run " + name + " already; choose another");
  return std::filesystem::weakly_canonical(path);
}

// Of a preset, never of a path.
RunSpec spec_in(const Scope& scope, const Json& body) {
  const std::string preset = text_in(body, "preset");
  check_name(preset);
  if (preset.ends_with(".toml"))
    throw Error(ErrorCode::usage, "preset: expected a name, found the file " + preset);
  const std::vector<std::string> overrides = texts_in(body, "set");
  require_no_files_set(overrides);  // before they are looked for
  const RunSpec spec = scope.catalogs.load(preset, overrides);
  require_no_files(spec);
  return spec;
}

Reply started(const std::filesystem::path& path) {
  return {.body = Json{{"id", Roots::id_of(path)}}.dump()};
}

RunSpec spec_of(const RunEntry& entry) {
  return stored_spec(RunFile::open(entry.path, Access::read).spec_json());
}

void require_step(const std::filesystem::path& path, std::int64_t step) {
  const RunFile file = RunFile::open(path, Access::read);
  ThreadPool pool(1);
  Replayer(file, pool).require_step(step);
}

}  // namespace

Reply list_catalog(Scope& scope, const Request& request, const Matched&) {
  return {.body = scope.catalogs.list(request.text("of"))};
}

Reply explain_spec(Scope& scope, const Request& request, const Matched&) {
  const RunSpec spec = spec_in(scope, body_of(request));
  const Explanation found = explain(spec, {});
  const Json out = {{"spec", Json::parse(canonical_json(spec))},
                    {"digest", spec_digest(spec)},
                    {"n_weights", found.n_weights},
                    {"n_records", found.n_records},
                    {"n_keyframes", found.n_keyframes},
                    {"file_bytes", found.file_bytes},
                    {"steps", spec.train.integer("steps")},
                    // On a rough machine of one core; a run may also stop sooner, by its rule.
                    {"seconds", seconds_of(found.step.last()) *
                                    static_cast<double>(spec.train.integer("steps"))}};
  return {.body = out.dump()};
}

Reply train_run(Scope& scope, const Request& request, const Matched&) {
  const Json body = body_of(request);
  const RunSpec spec = spec_in(scope, body);
  const std::filesystem::path path = new_path(scope, text_in(body, "name"));
  scope.trainings.start(
      path, [spec, path](const RunOptions& options) { return run(spec, path, options); });
  scope.roots.add(path);
  return started(path);
}

Reply fork_from(Scope& scope, const Request& request, const Matched& matched) {
  const RunEntry parent = scope.roots.get(matched[0]);
  const Json body = body_of(request);
  ForkRequest fork;
  if (!body.contains("step") || !body["step"].is_number_integer())
    throw Error(ErrorCode::usage, "the request lacks \"step\", a whole number");
  fork.step = body["step"];
  fork.overrides = texts_in(body, "set");
  fork.edits = texts_in(body, "edits");
  require_no_files(fork.edits);
  require_no_files_set(fork.overrides);
  const RunSpec spec = spec_of(parent);
  require_no_files(spec);
  require_step(parent.path, fork.step);
  forked_spec(spec, fork.step, fork.overrides);  // mistakes are said at once
  const std::filesystem::path path = new_path(scope, text_in(body, "name"));
  scope.trainings.start(path, [parent = parent.path, fork, path](const RunOptions& options) {
    return fork_run(parent, fork, path, options);
  });
  scope.roots.add(path);
  return started(path);
}

Reply stop_run(Scope& scope, const Request&, const Matched& matched) {
  const RunEntry entry = scope.roots.get(matched[0]);
  if (!scope.trainings.stop(entry.path))
    throw Error(ErrorCode::usage,
                entry.name + " is not trained by this page; stop it where it was started");
  return {.body = "{}"};
}

Reply resume_run(Scope& scope, const Request&, const Matched& matched) {
  const RunEntry entry = scope.roots.get(matched[0]);
  require_no_files(spec_of(entry));
  scope.trainings.start(
      entry.path, [path = entry.path](const RunOptions& options) { return resume(path, options); });
  return started(entry.path);
}

Reply list_trainings(Scope& scope, const Request&, const Matched&) {
  Json out = Json::array();
  for (const TrainingState& state : scope.trainings.states())
    out.push_back({{"id", Roots::id_of(state.path)},
                   {"name", state.path.stem().string()},
                   {"is_running", state.is_running},
                   {"error", state.error}});
  return {.body = json_text(Json{{"trainings", out}})};
}

}  // namespace grok::serve
