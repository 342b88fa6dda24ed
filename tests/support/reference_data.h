#pragma once
// Where tests find the reference files (weights, curves, golden values), which are not part of the
// repository. A test that needs one skips where it is absent.

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace grok {

/// The file `name`, for example "weights/pizza_model_A.safetensors", in the directory that the
/// environment variable GROKSCOPE_REFERENCE names, or else in shared/reference of this directory or
/// of one above it.
inline std::optional<std::filesystem::path> reference_file(const std::string& name) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (const char* directory = std::getenv("GROKSCOPE_REFERENCE")) {
    const fs::path file = fs::path(directory) / name;
    return fs::exists(file, ignored) ? std::optional(file) : std::nullopt;
  }
  for (fs::path up = fs::current_path();; up = up.parent_path()) {
    const fs::path file = up / "shared" / "reference" / name;
    if (fs::exists(file, ignored)) return file;
    if (up == up.root_path()) return std::nullopt;
  }
}

}  // namespace grok
