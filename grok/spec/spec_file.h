#pragma once
// Where specs lie: the files of presets and a user's own, and what is said of a name that is none.

#include <span>
#include <string>
#include <vector>

namespace grok {

/// Where a spec stands. `spec` is a path if it ends in ".toml" or has a slash; else the name of a
/// preset, looked up as NAME.toml in the directories, first come first served.
///   throws   Error{not_found} with the nearest preset or file, or the list; Error{usage} if it
///            names a run file
std::string spec_path(const std::string& spec, std::span<const std::string> preset_dirs);

/// The text of a spec's file.
///   throws   Error: not_found with the nearest file; usage if it is no file, or a run; unavailable
std::string read_spec_file(const std::string& path);

/// The names of all presets in the directories, sorted, each once. Missing directories are empty.
std::vector<std::string> preset_names(std::span<const std::string> preset_dirs);

}  // namespace grok
