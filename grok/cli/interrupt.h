#pragma once
// Ctrl-C and SIGTERM: the first asks the run to end at its next step, the second ends the program
// at once.

#include <atomic>

namespace grok::cli {

/// Takes over SIGINT and SIGTERM for the rest of the program.
///   returns  set by the first such signal
const std::atomic<bool>& catch_interrupts();

}  // namespace grok::cli
