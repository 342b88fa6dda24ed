#pragma once
// What `train` and `resume` share: signals, progress, the summary at the end, the exit code.

#include <filesystem>
#include <functional>

#include "grok/lab/run.h"

namespace grok::cli {

struct RunCommand {
  std::filesystem::path path;
  int n_threads = 0;
  bool is_json = false;
};

/// Calls `start` with options that report progress and heed Ctrl-C, then prints the summary.
///   returns  the exit code
int run_command(const RunCommand& command,
                const std::function<RunResult(const RunOptions&)>& start);

}  // namespace grok::cli
