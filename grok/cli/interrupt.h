#pragma once
// Ctrl-C, SIGTERM and SIGHUP (a closed terminal): the first asks the run to end at its next step; a
// Ctrl-C or SIGTERM after it ends the program at once.

#include <atomic>

namespace grok::cli {

/// Takes over SIGINT, SIGTERM and SIGHUP for the rest of the program, those excepted that it was
/// started to ignore.
///   returns  set by the first such signal
const std::atomic<bool>& catch_interrupts();

}  // namespace grok::cli
