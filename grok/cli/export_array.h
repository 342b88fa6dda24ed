#pragma once
// Array metrics as text: a line for each number, which every program that draws curves can read.

#include <filesystem>
#include <string>

#include "grok/store/run_file.h"

namespace grok::cli {

/// Writes one array metric at all its recorded steps, replayed ones among them, as CSV: a head
/// "step,i0,i1,value" with an index for each axis, counted from 0, then a line for each number.
///   returns  the number of those lines
///   throws   Error{usage} if the run has no such array; Error{unsupported} if its axes are not
///            always as many
///   cost     one step's array is held at a time
std::int64_t export_array(const RunFile& file, const std::string& name,
                          const std::filesystem::path& out);

/// What `--metrics` leaves out, and how to get at it; empty if the run has no arrays.
std::string left_out_text(const RunFile& file);

}  // namespace grok::cli
