#pragma once
// All that the routes share.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "grok/serve/live.h"
#include "grok/serve/roots.h"
#include "grok/serve/run_data.h"
#include "grok/serve/states.h"

namespace grok::serve {

struct Scope {
  Scope(std::vector<std::filesystem::path> paths, int n_threads)
      : roots(std::move(paths)), states(n_threads) {}

  Roots roots;
  RunCache runs;
  Live live;
  States states;
  std::atomic<bool> is_stopping = false;
};

}  // namespace grok::serve
