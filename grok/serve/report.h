#pragma once
// A run as one HTML file: the page itself, with all that it would ask the server for. It opens from
// the disk, without a server and without a network.

#include <filesystem>
#include <string>

namespace grok::serve {

struct ReportOptions {
  int n_threads = 0;  // of the forward passes; 0: one per core
};

/// The page's curves, frequencies and, of the last keyframe, the circuit.
///   throws   as reading the run; Error{unsupported} never: what has no meaning is left out
///   cost     some 0.2 MB for the page, 0.3 to 3 MB for a run
std::string report_html(const std::filesystem::path& run, const ReportOptions& options = {});

}  // namespace grok::serve
