#include "grok/cli/spec_option.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <span>

#include "grok/base/error.h"
#include "grok/lab/spec_schema.h"

namespace grok::cli {

namespace fs = std::filesystem;

RunSpec SpecOption::load() const {
  return completed_spec(load_spec(spec, preset_folders(), overrides, spec_schema()));
}

std::string SpecOption::name() const { return fs::path(spec).stem().string(); }

void add_set_option(CLI::App& command, SpecOption& out) {
  command
      .add_option("--set", out.overrides,
                  "Set a value of the spec, e.g. --set optim.lr=3e-4; may be given again")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

namespace {

// A folder that somebody names must hold presets: else others would be taken in silence.
std::string checked_folder(const std::string& folder) {
  std::error_code error;
  const auto refuse = [&](const char* why) {
    throw Error(ErrorCode::not_found,
                "GROKSCOPE_SPECS names the folder of presets " + folder + why);
  };
  if (!fs::is_directory(folder, error)) refuse(", which is no folder");
  if (preset_names(std::span(&folder, 1)).empty()) refuse(", which has no .toml file");
  return folder;
}

}  // namespace

std::vector<std::string> preset_folders() {
  std::vector<std::string> out;
  if (const char* folder = std::getenv("GROKSCOPE_SPECS"); folder && *folder)
    out.push_back(checked_folder(folder));
  out.emplace_back("specs");
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  if (!error) {
    // The program lies in build/PRESET of its source tree, or in bin.
    for (const char* place : {"../../specs", "../share/grokscope/specs"})
      out.push_back((program / place).lexically_normal().string());
  }
  return out;
}

void add_list_option(CLI::App& command, const std::string& name, std::vector<std::string>& out,
                     const std::string& meaning) {
  command.add_option(name, out, meaning)
      ->type_name("NAME")
      ->delimiter(',')
      ->allow_extra_args(false);
}

CLI::Validator not_empty() {
  return {[](const std::string& text) {
            return text.empty() ? std::string("is empty: a path was expected") : std::string();
          },
          ""};
}

void add_threads_option(CLI::App& command, int& out) {
  command
      .add_option("--threads", out,
                  "Threads; one per core if left out. Results do not depend on it")
      ->check(CLI::Range(1, 1024));
}

}  // namespace grok::cli
