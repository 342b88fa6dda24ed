#pragma once
// All that a run file gives out, read through the functions that the program uses.

#include <filesystem>
#include <string>

#include "grok/store/run_file.h"

namespace grok::formats {

/// Spec, manifest, metrics, arrays, keyframes and events as one text: equal texts exactly if all
/// that was read is equal, to the bit.
///   throws   as the functions of RunFile do
std::string read_everything(const RunFile& file);
std::string read_everything(const std::filesystem::path& path);

/// What `show`, `resume` and `probe` do with a file before they compute: the spec is checked, the
/// summary made.
void understand(const RunFile& file);

}  // namespace grok::formats
