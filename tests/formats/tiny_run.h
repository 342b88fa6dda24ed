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
const std::string& tiny_run_bytes();

/// The same run in half the size, for the sake of speed where there are many of it: pages of 512
/// bytes, and of the metrics and arrays only a few.
const std::string& smaller_run_bytes();

}  // namespace grok::formats
