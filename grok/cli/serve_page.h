#pragma once
// What `serve` and `train --serve` share.

#include <atomic>

#include "grok/serve/scope.h"

namespace grok::cli {

/// Presets and lists, as the command line knows them.
serve::Catalogs page_catalogs();

/// Returns when `flag` is set, by a signal handler perhaps; looks ten times a second.
void wait_for(const std::atomic<bool>& flag);

}  // namespace grok::cli
