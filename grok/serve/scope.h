#pragma once
// All that the routes share.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "grok/serve/live.h"
#include "grok/serve/race.h"
#include "grok/serve/roots.h"
#include "grok/serve/run_data.h"
#include "grok/serve/states.h"
#include "grok/serve/trainings.h"
#include "grok/spec/run_spec.h"

namespace grok::serve {

/// What only the command line knows: where presets lie, and what it lists.
struct Catalogs {
  /// As SPEC and --set of the command line.
  std::function<RunSpec(const std::string& preset, const std::vector<std::string>& overrides)> load;
  /// As `grokscope list WHAT --json`.
  std::function<std::string(const std::string& what)> list;
};

struct Scope {
  Scope(std::vector<std::filesystem::path> paths, int n_threads, Catalogs of_command_line = {})
      : roots(std::move(paths)),
        states(n_threads),
        races(n_threads),
        catalogs(std::move(of_command_line)),
        trainings(n_threads) {}

  Roots roots;
  RunCache runs;
  Live live;
  States states;
  Races races;
  Catalogs catalogs;
  Trainings trainings;
  std::atomic<bool> is_stopping = false;
};

}  // namespace grok::serve
