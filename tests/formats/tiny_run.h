#pragma once
// A run that is whole, with rows in every table, and so small that each of its bytes can be damaged
// in turn.

#include <filesystem>
#include <string>

#include "grok/spec/run_spec.h"

namespace grok::formats {

/// Addition mod 5 by a network of 180 weights, twelve steps.
RunSpec tiny_run_spec();

/// Trains it into a new file.
void make_tiny_run(const std::filesystem::path& path);

/// The bytes of such a file, trained once.
///   page_size  of the database; 512 makes the smallest file
const std::string& tiny_run_bytes(int page_size = 4096);

}  // namespace grok::formats
