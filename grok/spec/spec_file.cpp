#include "grok/spec/spec_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string_view>
#include <system_error>

#include "grok/base/error.h"
#include "grok/spec/params.h"
#include "grok/spec/suggest.h"

namespace grok {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view extension = ".toml", run_extension = ".grok",
                           database_magic = "SQLite format 3";

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

Error run_file_error(const std::string& path) {
  return Error(ErrorCode::usage,
               path +
                   ": is a run file, where a spec was expected: a preset's name or a .toml file; "
                   "did you mean grokscope resume " +
                   path + "?");
}

// The specs in a folder, as a user would name them.
std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> out;
  for (const std::string& name : preset_names(std::span(&folder, 1)))
    out.push_back(name + std::string(extension));
  return out;
}

// With the list of all presets only where a preset must be meant: there are many.
std::string nearest_spec(const std::string& name, std::span<const std::string> presets) {
  if (const auto near = nearest_word(name, presets)) return "; did you mean " + *near + "?";
  if (is_file(name + std::string(extension)))
    return "; did you mean " + name + std::string(extension) + "?";
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos) return suggestion(name, presets);
  if (const auto near = nearest_word(name, files_in("."))) return "; did you mean " + *near + "?";
  if (const auto near = nearest_word(name.substr(0, dot), presets))
    return "; did you mean the preset " + *near + "?";
  return "; grokscope list presets names those that there are";
}

std::string preset_path(const std::string& name, std::span<const std::string> dirs) {
  for (const std::string& dir : dirs) {
    const fs::path path = fs::path(dir) / (name + std::string(extension));
    if (is_file(path)) return path.string();
  }
  if (name.ends_with(run_extension)) throw run_file_error(name);
  const std::string start = "no preset named " + json_text(name);
  const std::string rule = " (the path of a spec ends in .toml or has a slash)";
  if (is_file(name))
    throw Error(ErrorCode::not_found, start + "; did you mean the file ./" + name + "?" + rule);
  throw Error(ErrorCode::not_found, start + nearest_spec(name, preset_names(dirs)) + rule);
}

std::string missing(const std::string& path) {
  const fs::path place(path);
  const std::string folder = place.has_parent_path() ? place.parent_path().string() : ".";
  const auto near = nearest_word(place.filename().string(), files_in(folder));
  if (!near) return path + ": no such file";
  return path + ": no such file; did you mean " + (place.parent_path() / *near).string() + "?";
}

}  // namespace

std::string spec_path(const std::string& spec, std::span<const std::string> preset_dirs) {
  const bool is_path = spec.ends_with(extension) || spec.find('/') != std::string::npos;
  return is_path ? spec : preset_path(spec, preset_dirs);
}

std::string read_spec_file(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) throw Error(ErrorCode::not_found, missing(path));
  if (!is_file(path)) throw Error(ErrorCode::usage, path + ": not a file");
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in.good() && !in.eof()) throw Error(ErrorCode::unavailable, path + ": cannot be read");
  if (text.starts_with(database_magic)) throw run_file_error(path);
  return text;
}

std::vector<std::string> preset_names(std::span<const std::string> preset_dirs) {
  std::set<std::string> names;
  for (const std::string& dir : preset_dirs) {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(dir, error))
      if (entry.path().extension() == extension) names.insert(entry.path().stem().string());
  }
  return {names.begin(), names.end()};
}

}  // namespace grok
