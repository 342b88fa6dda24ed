#pragma once
// The command line as a whole: which command, and what is said when there is none of that name.

namespace grok::cli {

/// Runs the command that the arguments name.
///   returns  the exit code
///   throws   whatever goes wrong: see exit_code.h
int run_program(int argc, const char* const* argv);

}  // namespace grok::cli
