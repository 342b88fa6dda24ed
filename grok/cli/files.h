#pragma once
// Files that a command reads or writes, with the errors as the command line reports them.

#include <cstddef>
#include <filesystem>
#include <span>

#include "grok/store/run_file.h"
#include "grok/store/safetensors.h"

namespace grok::cli {

/// throws   UnreadableFile; Error{damaged}
RunFile open_run(const std::filesystem::path& path);
/// throws   UnreadableFile; Error{damaged}
SafetensorsFile open_weights(const std::filesystem::path& path);

/// Refuses a new run under a name by which commands that are given its folder would not find it. A
/// file that is there may be called anything.
///   throws   Error{usage} with a name that ends in .grok
void check_new_run(const std::filesystem::path& path);

/// Refuses to write over a run.
///   throws   Error{usage}
void check_output(const std::filesystem::path& path);

}  // namespace grok::cli
