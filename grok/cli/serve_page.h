#pragma once
// What `serve` and `train --serve` share.

#include <atomic>

namespace grok::cli {

/// Returns when `flag` is set, by a signal handler perhaps; looks ten times a second.
void wait_for(const std::atomic<bool>& flag);

}  // namespace grok::cli
